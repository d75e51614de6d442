// The one place where Boost.Asio's own code is compiled; every user links it (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
