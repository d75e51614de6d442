// Which lock guards what, in a form that clang checks (-Wthread-safety, scripts/locks.sh). Other compilers see nothing.
// The names are those of clang's documentation, "Thread Safety Analysis"; base/mutex.hpp is the lock that carries them.
#pragma once

#if defined(__clang__)
#define TRIAGED_ANNOTATION(attribute) __attribute__((attribute))
#else
#define TRIAGED_ANNOTATION(attribute)
#endif

/// A member that is read and written only while `mutex` is locked.
#define TRIAGED_GUARDED_BY(mutex) TRIAGED_ANNOTATION(guarded_by(mutex))
/// A function, or a lambda, that is called only while the mutex is locked.
#define TRIAGED_REQUIRES(...) TRIAGED_ANNOTATION(requires_capability(__VA_ARGS__))

// For the lock itself.
#define TRIAGED_CAPABILITY(name) TRIAGED_ANNOTATION(capability(name))
#define TRIAGED_SCOPED_CAPABILITY TRIAGED_ANNOTATION(scoped_lockable)
#define TRIAGED_ACQUIRE(...) TRIAGED_ANNOTATION(acquire_capability(__VA_ARGS__))
#define TRIAGED_RELEASE(...) TRIAGED_ANNOTATION(release_capability(__VA_ARGS__))
#define TRIAGED_NOT_CHECKED TRIAGED_ANNOTATION(no_thread_safety_analysis)
