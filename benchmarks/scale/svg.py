"""A line chart as plain SVG: axes with round numbers, one line per series, a legend."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 36, 84
_TICKS = 6
_FONT = "font-family='sans-serif' font-size='12' fill='#333'"

_THIN = "stroke='#ddd' fill='none'"


@dataclass(frozen=True, slots=True)
class Line:
    """One series: a name, a colour, whether it is dashed, and its points in order of x."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def chart(title: str, across: str, up: str, lines: Sequence[Line]) -> str:
    """The chart; both axes begin at zero."""
    step_x = round_step(max((x for line in lines for x, _ in line.points), default=1.0))
    step_y = round_step(max((y for line in lines for _, y in line.points), default=1.0))
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>",
        f"<title>{escape(title)}</title>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#fff'/>",
        _text(LEFT, 20, title, "start"),
        *_grid(step_x, step_y),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 36, across, "middle"),
        _upright(up),
        *(_path(line, step_x, step_y) for line in lines),
        *_legend(lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def round_step(largest: float) -> float:
    """Distance of two ticks: 1, 2 or 5 times a power of ten, so that a few reach ``largest``."""
    rough = max(largest, 1e-9) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _x(value: float, step: float) -> float:
    return LEFT + value / (step * _TICKS) * (WIDTH - LEFT - RIGHT)


def _y(value: float, step: float) -> float:
    return HEIGHT - BOTTOM - value / (step * _TICKS) * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f"<text x='{x:g}' y='{y:g}' text-anchor='{anchor}' {_FONT}>{escape(text)}</text>"


def _upright(text: str) -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    place = f"x='16' y='{middle:g}' transform='rotate(-90 16 {middle:g})' text-anchor='middle'"
    return f"<text {place} {_FONT}>{escape(text)}</text>"


def _grid(step_x: float, step_y: float) -> list[str]:
    parts: list[str] = []
    for tick in range(_TICKS + 1):
        x, y = _x(tick * step_x, step_x), _y(tick * step_y, step_y)
        parts += [
            f"<path d='M{LEFT} {y:.1f}H{WIDTH - RIGHT}M{x:.1f} {TOP}V{HEIGHT - BOTTOM}' {_THIN}/>",
            _text(LEFT - 6, y + 4, f"{tick * step_y:g}", "end"),
            _text(x, HEIGHT - BOTTOM + 18, f"{tick * step_x:g}", "middle"),
        ]
    return parts


def _path(line: Line, step_x: float, step_y: float) -> str:
    points = " ".join(f"{_x(x, step_x):.1f},{_y(y, step_y):.1f}" for x, y in line.points)
    dashes = " stroke-dasharray='5 3'" if line.dashed else ""
    return (
        f"<polyline points='{points}' fill='none' stroke='{line.colour}' stroke-width='1.8'"
        f"{dashes}/>"
    )


def _legend(lines: Sequence[Line]) -> list[str]:
    parts: list[str] = []
    for number, line in enumerate(lines):
        x, y = LEFT + number % 4 * 170, HEIGHT - 26 + number // 4 * 16
        dashes = " stroke-dasharray='5 3'" if line.dashed else ""
        parts += [
            f"<path d='M{x} {y - 4}h24' stroke='{line.colour}' stroke-width='2'{dashes}/>",
            _text(x + 30, y, line.name, "start"),
        ]
    return parts
