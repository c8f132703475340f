"""The peers of the extraction bench, from PyPI: see requirements.txt.

peers.py texts FILE: for each page (a JSON string a line) the text of each peer in each setting.
peers.py cpu FILE: CPU seconds of resiliparse's main content over all pages.
"""

import json
import sys
import time

from resiliparse.extract.html2text import extract_plain_text


def resiliparse(html, **options):
    return extract_plain_text(html, main_content=True, alt_texts=False, links=False, **options)


def texts(pages):
    import trafilatura

    for html in pages:
        # A page that it parses to nothing gives None.
        found = lambda **options: trafilatura.extract(html, **options) or ""
        row = {
            "resiliparse": resiliparse(html),
            "resiliparse no comments": resiliparse(html, comments=False),
            "trafilatura": found(),
            "trafilatura no comments": found(include_comments=False),
            "trafilatura precision": found(include_comments=False, favor_precision=True),
            "trafilatura recall": found(include_comments=False, favor_recall=True),
        }
        print(json.dumps(row))


def cpu(pages):
    pages = list(pages)
    start = time.process_time()
    for html in pages:
        resiliparse(html)
    print(time.process_time() - start)


if __name__ == "__main__":
    mode, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        {"texts": texts, "cpu": cpu}[mode](map(json.loads, file))
