#include "knowledge/rule_labels.hpp"

namespace triaged {

namespace {

constexpr RuleLabels english = {
    .root_cause = "Root Cause",
    .versions = "Version Compatibility",
    .docs = "Official Documentation",
    .recognised_by = "Recognised By",
    .causes = "Causes",
    .workarounds = "Workarounds",
    .dead_ends = "Dead Ends",
    .dead_ends_note = "Common approaches that don't work:",
    .related = "Related",
    .version = "Version",
    .status = "Status",
    .introduced = "Introduced",
    .deprecated = "Deprecated",
    .notes = "Notes",
    .id = "ID",
    .domain = "Domain",
    .category = "Category",
    .severity = "Severity",
    .error_code = "Error Code",
    .verification = "Verification",
    .fix_rate = "Fix Rate",
    .confidence = "Confidence",
    .evidence = "Evidence",
    .first_seen = "First Seen",
    .last_confirmed = "Last Confirmed",
    .tags = "Tags",
    .success = "success",
    .fail = "fail",
    .supports = "supported by",
    .refutes = "refuted by",
    .leads_to = "leads to",
    .preceded_by = "preceded by",
    .confused_with = "confused with",
    .any_format = "any format",
};

constexpr RuleLabels chinese = {
    .root_cause = "根本原因",
    .versions = "版本兼容性",
    .docs = "官方文档",
    .recognised_by = "识别方式",
    .causes = "可能原因",
    .workarounds = "解决方法",
    .dead_ends = "无效尝试",
    .dead_ends_note = "常见但无效的做法：",
    .related = "相关",
    .version = "版本",
    .status = "状态",
    .introduced = "引入",
    .deprecated = "弃用",
    .notes = "备注",
    .id = "ID",
    .domain = "领域",
    .category = "类别",
    .severity = "严重程度",
    .error_code = "错误码",
    .verification = "验证",
    .fix_rate = "修复率",
    .confidence = "置信度",
    .evidence = "证据",
    .first_seen = "首次发现",
    .last_confirmed = "最近确认",
    .tags = "标签",
    .success = "成功",
    .fail = "失败",
    .supports = "支持",
    .refutes = "反驳",
    .leads_to = "导致",
    .preceded_by = "之前发生",
    .confused_with = "易混淆",
    .any_format = "任何格式",
};

}  // namespace

const RuleLabels& labels_in(Language language) { return language == Language::chinese ? chinese : english; }

}  // namespace triaged
