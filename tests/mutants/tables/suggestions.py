"""Sabotages of suggested rules: what counts as evidence, which words get into a file, and who settles a suggestion."""

from tests.mutants.mutant import Mutant

_RULES = ("tests/reviewers/test_suggested_rules.py",)
_CHANGE = ("tests/app/test_suggested_change.py",)
_STORE = ("tests/app/store/test_suggested_rules.py",)
_STORY = ("tests/stories/test_suggested_rules.py",)

MUTANTS = (
    Mutant(
        "a large file is not sent with every suggestion",
        "app/web/views/suggested_rules.py:list_suggestions",
        "whole = not change.is_new and len(change.after) <= left",
        "whole = not change.is_new",
        ("tests/stories/test_suggested_rules.py -k ten_times",),
    ),
    Mutant(
        "one busy pull request suggests no rule",
        "reviewers/learning/suggested_rules.py",
        "_LEAST_PULL_REQUESTS = 3",
        "_LEAST_PULL_REQUESTS = 1",
        _RULES,
    ),
    Mutant(
        "settled evidence suggests no rule again",
        "reviewers/learning/suggested_rules.py:suggest_rules",
        "left.pop(used, None)",
        "pass",
        (*_RULES, *_STORY),
    ),
    Mutant(
        "security findings are never relaxed",
        "reviewers/learning/suggested_rules.py:_candidates",
        "category is Category.SECURITY",
        "category is None",
        _RULES,
    ),
    Mutant(
        "a confirmed finding prevents an exclusion",
        "reviewers/learning/suggested_rules.py:_is_enough",
        " and rule.against == 0",
        "",
        _RULES,
    ),
    Mutant(
        "a folder whose name is a sentence gets into no file",
        "reviewers/learning/suggested_rules.py:list_folders",
        "if not _PLAIN.match(name):",
        "if not name:",
        (*_RULES, *_STORY),
    ),
    Mutant(
        "a push of a stranger is no evidence",
        "app/store/reviews/suggested_rules.py",
        "_SOURCES = (Source.DISMISSED, Source.SAID, Source.THUMBS)",
        "_SOURCES = (Source.DISMISSED, Source.SAID, Source.THUMBS, Source.CHANGED, Source.RESOLVED)",
        _STORE,
    ),
    Mutant(
        "a suggestion is settled once",
        "app/store/reviews/suggested_rules.py:save_rule_decision",
        "if set(decision.evidence) <= set(earlier):",
        "if not decision.evidence:",
        _STORE,
    ),
    Mutant(
        "an edit of council.yml changes nothing else",
        "app/configuration/council_yml_edit.py:_reads_as",
        "return set_values(text) == wanted",
        "return True",
        _CHANGE,
    ),
    Mutant(
        "a rule in effect is not suggested",
        "app/configuration/suggested_change.py:change_for",
        "if item in before or",
        "if",
        (*_CHANGE, *_STORY),
    ),
    Mutant(
        "suggested rules need write access",
        "app/web/routes/suggested_rules.py:suggestions",
        "Permission.WRITE",
        "Permission.READ",
        _STORY,
    ),
    Mutant(
        "a finding is linked to its newest run",
        "app/store/reviews/suggested_rules.py:find_links",
        ".order_by(_RUN.c.created_at)",
        ".order_by(_RUN.c.created_at.desc())",
        _STORE,
    ),
    Mutant(
        "a suggested rule shows its newest findings",
        "app/web/views/suggested_rules.py:list_shown",
        "rule.evidence[-_MOST_LINES:][::-1]",
        "rule.evidence[:_MOST_LINES][::-1]",
        _STORY,
    ),
    Mutant(
        "insights count every repository",
        "app/store/insight_queries.py:_latest",
        "for n in range(count))",
        "for n in range(1))",
        ("tests/app/store/test_insights.py",),
    ),
)
