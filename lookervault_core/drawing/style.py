"""The colours of a drawing, light and dark: WCAG AA for what is read."""

from __future__ import annotations

_LIGHT = {
    "paper": "#f4f5f7", "card": "#ffffff", "edge": "#d8dde3", "text": "#1d2733", "quiet": "#5a6675",
    "ink1": "#5b86d8", "ink2": "#9db8ea", "ink3": "#d5e0f6", "chip": "#ffffff",
    "added": "#17693f", "removed": "#b3263e", "moved": "#6b3fc0", "changed": "#8f5200",
}  # fmt: skip
_DARK = {
    "paper": "#14181d", "card": "#1e242b", "edge": "#39424d", "text": "#e7ebf0", "quiet": "#a3aebb",
    "ink1": "#7ea4ea", "ink2": "#4d6ca6", "ink3": "#2f4163", "chip": "#1e242b",
    "added": "#5fd39a", "removed": "#ff8fa0", "moved": "#bfa2ff", "changed": "#f2b75c",
}  # fmt: skip

_RULES = """
.drawing text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--d-text)}
.drawing .paper{fill:var(--d-paper)}.drawing .cell{fill:none;stroke:none}
.drawing .card{fill:var(--d-card);stroke:var(--d-edge)}.drawing .chip{fill:var(--d-chip);stroke:var(--d-edge)}
.drawing .heading{font-size:20px;font-weight:650}.drawing .tab-label{font-size:14px;font-weight:650}
.drawing .title{font-size:13px;font-weight:600}.drawing .subtitle,.drawing .words{font-size:12px;fill:var(--d-quiet)}
.drawing .kind{font-size:11px;fill:var(--d-quiet)}.drawing .quiet{fill:var(--d-quiet);font-size:12px}
.drawing .chip-title{font-size:12px;font-weight:600}.drawing .chip-value{font-size:12px;fill:var(--d-quiet)}
.drawing .kind-text .card{stroke-dasharray:none;fill:var(--d-paper)}.drawing .text-title{font-size:16px;font-weight:650}
.drawing .button{fill:var(--d-ink1)}.drawing .button-text{font-size:13px;font-weight:600}
.drawing .pill{fill:var(--d-ink3);stroke:var(--d-ink1)}
.drawing .ink1{fill:var(--d-ink1)}.drawing .ink2{fill:var(--d-ink2)}.drawing .ink3{fill:var(--d-ink3)}
.drawing .number{fill:var(--d-ink1);font-weight:650}
.drawing .hole{fill:var(--d-card)}
.drawing .stroke1,.drawing .stroke2,.drawing .axis{fill:none;stroke-width:2;stroke-linejoin:round;stroke:var(--d-ink1)}
.drawing .stroke2{stroke:var(--d-ink2)}.drawing .axis{stroke:var(--d-edge);stroke-width:1}
.drawing .mark-added .card{stroke:var(--d-added);stroke-width:2.5}
.drawing .mark-removed .card{stroke:var(--d-removed);stroke-width:2.5;stroke-dasharray:6 4}
.drawing .mark-moved .card{stroke:var(--d-moved);stroke-width:2.5}
.drawing .mark-changed .card{stroke:var(--d-changed);stroke-width:2.5}
.drawing .badge-added{fill:var(--d-added)}.drawing .badge-removed{fill:var(--d-removed)}
.drawing .badge-moved{fill:var(--d-moved)}.drawing .badge-changed{fill:var(--d-changed)}
.drawing .badge-text{font-size:11px;font-weight:650;fill:var(--d-card)}
.drawing a{cursor:pointer}.drawing a:hover .card{stroke:var(--d-ink1);stroke-width:2}
.drawing a:focus-visible{outline:none}.drawing a:focus-visible .card{stroke:var(--d-text);stroke-width:3}
"""


def style() -> str:
    """Return the style sheet of a drawing; one that follows the reader's colour scheme, unless the page around it sets one."""
    light, dark = (";".join(f"--d-{name}:{value}" for name, value in one.items()) for one in (_LIGHT, _DARK))
    return f".drawing{{{light}}}\n@media (prefers-color-scheme:dark){{.drawing{{{dark}}}}}{_RULES}"
