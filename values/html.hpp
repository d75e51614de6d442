// What every page of HTML that triaged writes has in common.
#pragma once

#include <string>
#include <string_view>

namespace triaged::inline values {

/// `text` as it stands between tags or in a quoted attribute, line ends and tabs as they are; control characters and
/// what turns the direction of writing as to_printable() shows them.
[[nodiscard]] std::string escaped_html(std::string_view text);

/// The colours, light and dark, and the fonts, as CSS. Pages add their own.
inline constexpr std::string_view html_theme = R"(
:root{color-scheme:light dark;--text:#1f2328;--soft:#59636e;--page:#f6f8fa;--card:#fff;--line:#d1d9e0;--good:#1a7f37;--bad:#cf222e;--link:#0969da;--code:#eff2f5}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--soft:#9198a1;--page:#0d1117;--card:#151b23;--line:#3d444d;--good:#3fb950;--bad:#f85149;--link:#4493f8;--code:#21262d}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC",sans-serif}
)";

}  // namespace triaged::inline values
