"""The process that draws charts: Vega-Lite specifications in, SVG out, a line of JSON each.

Run by endpoint/charts.py as a file by itself, with no environment and nothing of ours imported. It ends when
nobody has asked for anything in so many seconds (its argument), and with whoever began it.
"""

import json
import select
import sys

VEGA_LITE = "6.4"
"""The version of the language that is spoken, of those that vl-convert knows."""


def main() -> None:
    import vl_convert

    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while select.select([asked], [], [], float(sys.argv[1]))[0] and (line := asked.readline()):
        try:
            svg = vl_convert.vegalite_to_svg(
                line.decode(),
                vl_version=VEGA_LITE,
                allowed_base_urls=[],
                show_warnings=False,
                format_locale="sv-SE",
            )
            answer = {"svg": svg}
        except ValueError as error:
            answer = {"fault": str(error)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
