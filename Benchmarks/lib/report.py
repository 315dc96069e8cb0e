"""Reads what the benchmark's programs printed, and makes a table and a plot from its CSV. Standard library only.

report.py iperf FILE | cpu FILE TICKS HZ | ping FILE PERCENT | table CSV | plot CSV
"""

import csv
import json
import math
import re
import statistics
import sys
from html import escape

MEASURES = {
    "tcp_1": ("TCP, 1 stream, Mb/s", 0),
    "tcp_8": ("TCP, 8 streams, Mb/s", 0),
    "cpu_per_gb": ("CPU s/GB", 2),
    "ping_idle_p50": ("ping p50, ms", 3),
    "ping_idle_p99": ("p99", 3),
    "ping_load_p50": ("ping under load p50, ms", 2),
    "ping_load_p99": ("p99", 2),
    "udp_offered": ("64-byte UDP/s sent", 0),
    "udp_received": ("received", 0),
    "udp_lost": ("lost, %", 2),
    "memory_resident": ("RSS, KiB", 0),
    "memory_anonymous": ("anonymous, KiB", 0),
    "start_to_echo": ("start to echo, ms", 0),
    "restart_to_echo": ("restart to echo, ms", 0),
}
TITLES = {"ping_idle_p50": "ping p50 idle, ms", "udp_received": "64-byte UDP received/s"}
COLOURS = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f"]


def received(path):
    """Bits per second and bytes that arrived."""
    with open(path) as file:
        result = json.load(file)
    if "error" in result:
        sys.exit("iperf3: " + result["error"])
    total = result["end"]["sum_received"]
    return total["bits_per_second"], total["bytes"]


def quantile(values, percent):
    """The smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def ping(path, percent):
    with open(path) as file:
        times = [float(time) for time in re.findall(r"time=([\d.]+) ms", file.read())]
    return quantile(times, percent) if times else float("nan")


def read(path):
    """Comments, and values by underlay, router and measure, in the order in which they appear."""
    with open(path) as file:
        lines = file.read().splitlines()
    comments = [line[2:] for line in lines if line.startswith("#")]
    values = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        key = (row["underlay"], row["router"], row["measure"])
        values.setdefault(key, []).append(float(row["value"]))
    return comments, values


def ordered(values, part):
    return list(dict.fromkeys(key[part] for key in values))


def table(path):
    comments, values = read(path)
    print("\n".join(f"- {comment}" for comment in comments))
    print("\nMedians [lowest..highest].")
    present = [measure for measure in MEASURES if measure in ordered(values, 2)]
    for underlay in ordered(values, 0):
        print(f"\n### Underlay: {underlay}\n")
        print("| router | " + " | ".join(MEASURES[measure][0] for measure in present) + " |")
        print("|---" * (len(present) + 1) + "|")
        for router in ordered(values, 1):
            cells = []
            for measure in present:
                found = values.get((underlay, router, measure))
                digits = MEASURES[measure][1]
                text = "–"
                if found:
                    text = f"{statistics.median(found):,.{digits}f}"
                    if len(found) > 1:
                        text += f" [{min(found):,.{digits}f}..{max(found):,.{digits}f}]"
                cells.append(text)
            print(f"| {router} | " + " | ".join(cells) + " |")


def plot(path):
    """Bars of the medians: a panel for each measure and underlay, each with its own scale from zero."""
    _, values = read(path)
    routers, underlays = ordered(values, 1), ordered(values, 0)
    measures = [m for m in ("tcp_1", "tcp_8", "ping_idle_p50", "udp_received") if m in ordered(values, 2)]
    width, row, label = 330, 20, 120
    height = 40 + row * len(routers)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * len(measures)}" height="{height * len(underlays)}" '
        'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
    ]
    for down, underlay in enumerate(underlays):
        for across, measure in enumerate(measures):
            medians = [statistics.median(values.get((underlay, router, measure), [0])) for router in routers]
            top = max(medians) or 1
            left, upper = across * width + 8, down * height + 20
            parts.append(f'<text x="{left}" y="{upper}" font-weight="bold">{escape(TITLES.get(measure, MEASURES[measure][0]))} ({underlay})</text>')
            for index, (router, value) in enumerate(zip(routers, medians)):
                y = upper + 8 + index * row
                length = (width - label - 80) * value / top
                parts.append(f'<text x="{left}" y="{y + 11}">{escape(router)}</text>')
                parts.append(
                    f'<rect x="{left + label}" y="{y}" width="{length:.1f}" height="{row - 6}" '
                    f'fill="{COLOURS[index % len(COLOURS)]}"/>'
                )
                text = f"{value:,.{MEASURES[measure][1]}f}"
                parts.append(f'<text x="{left + label + length + 4:.1f}" y="{y + 11}">{text}</text>')
    print("\n".join(parts) + "\n</svg>")


def main(words):
    match words:
        case ["iperf", path]:
            print(round(received(path)[0] / 1e6, 1))
        case ["cpu", path, ticks, hertz]:
            print(round(int(ticks) / int(hertz) / (received(path)[1] / 1e9), 3))
        case ["ping", path, percent]:
            print(ping(path, float(percent)))
        case ["table", path]:
            table(path)
        case ["plot", path]:
            plot(path)
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
