<?php
// Logs what clients send, as scripts do.
$text = file_get_contents('php://input');
if ($text === '') { $text = rawurldecode($_SERVER['QUERY_STRING'] ?? ''); }
switch ($_SERVER['KIND'] ?? '') {
    case 'log': error_log("payment failed: $text"); break;
    case 'warning': trigger_error("no such product: $text", E_USER_WARNING); break;
    case 'stderr': file_put_contents('php://stderr', str_replace(["\n", "\r"], ' ', "search: $text") . "\n"); break;
    case 'raise': header('HTTP/1.1 500'); throw new RuntimeException("no such product: $text");
}
header('Content-Length: 3');
echo "ok\n";
