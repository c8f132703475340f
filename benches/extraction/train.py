"""Trains the content model: cargo bench --bench extraction -- features DIR, then
train.py DIR src/extract/content_model/weights.txt

Each block of a page is learned to be main content or not: it is if most of its tokens align with
the gold text. Pages count alike, a block by the root of its share of the page's words (at most
four times the mean block): a page's F1 depends on its long blocks, its rules on all.

Three parts are trained one on the other, each on what the part before says of pages that it was
not trained on (folds by domain): weights of words of classes and texts (logistic regression),
the first stage and the second (boosted oblivious trees). Beside them trees for the comments of
readers learn from the pages whose gold text has some. Only pages of split.tsv's part `train` are
learned from, without those whose gold text is not in the page. F1 is reported of every page as
judged by models that were not trained on it; which words are looked at is settled once, on all.
"""

import collections
import json
import os
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from catboost import CatBoostClassifier
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

FOLDS = 5
# A page counts for trees like so many blocks, about as many as it has.
PAGE_BLOCKS = 150
# A word of a class is looked at if so many domains have it, a word of texts if so many.
CLASS_DOMAINS, WORD_DOMAINS, MOST_WORDS = 8, 25, 1500
# Longest block whose words are looked at; as in content_model/lexicon.rs.
SHORT_WORDS = 20
# Least share of the gold text that stands in the page, for the page to be learned from.
LEAST_RECALL = 0.8
# Sets whose gold text has the comments of readers. Comments are learned as no content, here and
# wherever they are less than half of the gold text.
COMMENT_SETS = ["cleaneval", "dragnet"]
# Sets of today's pages weigh more than those of old news.
SET_WEIGHTS = {"wcxb": 2.0, "fundus": 1.5, "scrapinghub-aeb": 1.5}
WORD_NAMES = ["class_sum", "class_least", "class_most", "class_own", "word_sum"]
NEIGHBOUR_NAMES = ["logit"]
NEIGHBOUR_NAMES += [f"logit_{side}_{n}" for n in (1, 2, 3) for side in ("before", "behind")]
NEIGHBOUR_NAMES += ["mean_within_4", "mean_within_12"]
NEIGHBOUR_NAMES += [f"{at}_{of}" for at in ("near", "wider", "widest", "group") for of in ("mean", "mass")]
NEIGHBOUR_NAMES += ["mass_before", "mass_behind", "page_mean", "page_mass"]
NEIGHBOUR_NAMES += ["best_inside", "best_distance", "best_f", "around_f", "own_f"]
NEIGHBOUR_NAMES += ["best_mass", "best_mean", "best_share"]


class Pages:
    """What the bench has written, and what follows from it."""

    def __init__(self, directory):
        integers = lambda name: np.fromfile(f"{directory}/{name}.u32", np.uint32).astype(np.int64)
        names = json.load(open(f"{directory}/names.json"))
        self.feature_names = names["features"]
        self.class_names = {int(h): name for h, name in names["classes"].items()}
        self.word_names = {int(h): name for h, name in names["words"].items()}
        self.sets, self.groups, self.parts = (np.array(names[k]) for k in ("sets", "groups", "parts"))
        self.features = np.fromfile(f"{directory}/features.f32", np.float32)
        self.features = self.features.reshape(-1, len(self.feature_names))
        self.tokens, self.gold = integers("block_tokens"), integers("block_gold")
        self.element, self.group = integers("block_element"), integers("block_group")
        self.containers = integers("block_containers").reshape(-1, 3, 2)
        self.words, self.words_end = integers("words"), integers("block_words_end")
        self.words_start = np.r_[0, self.words_end[:-1]]
        self.parent = integers("element_parent")
        self.classes, self.classes_end = integers("classes"), integers("element_classes_end")
        self.classes_start = np.r_[0, self.classes_end[:-1]]
        self.end, self.gold_tokens = integers("page_blocks_end"), integers("page_gold_tokens")
        self.start = np.r_[0, self.end[:-1]]
        self.page = np.repeat(np.arange(len(self.end)), self.end - self.start)
        roots = np.flatnonzero(self.parent == np.arange(len(self.parent)))
        self.page_of_element = np.repeat(
            np.arange(len(roots)), np.diff(np.r_[roots, len(self.parent)])
        )
        self.word_count = self.words_end - self.words_start
        first = np.full(len(self.parent), len(self.page), np.int64)
        end = np.zeros(len(self.parent), np.int64)
        np.minimum.at(first, self.element, np.arange(len(self.page)))
        np.maximum.at(end, self.element, np.arange(len(self.page)) + 1)
        for element, parent in reversed(list(enumerate(self.parent))):
            first[parent] = min(first[parent], first[element])
            end[parent] = max(end[parent], end[element])
        self.element_first, self.element_end = np.minimum(first, end), end
        self.is_gold = (self.gold > 0.5 * self.tokens).astype(int)
        self.is_comment = self.features[:, self.feature_names.index("comment")] > 0
        sums = lambda chosen: np.bincount(self.page[chosen], self.gold[chosen], len(self.end))
        share = sums(self.is_comment) / np.maximum(sums(np.ones(len(self.page), bool)), 1)
        # Pages whose gold text has comments; and blocks that would be content but for that.
        self.of_comments = (share > 0)[self.page]
        beside = (np.isin(self.sets, COMMENT_SETS) | (share <= 0.5))[self.page] & self.is_comment
        self.is_content = self.is_gold * ~beside

    def blocks(self, pages):
        return np.concatenate([np.arange(self.start[p], self.end[p]) for p in pages])

    def learned(self):
        recall = np.array([self.gold[a:b].sum() for a, b in zip(self.start, self.end)])
        recall = recall / np.maximum(self.gold_tokens, 1)
        return np.flatnonzero((self.parts == "train") & (recall >= LEAST_RECALL))

    def folds(self):
        """The fold of each page, by its domain; -1 of pages that are not trained on."""
        of = np.array([zlib.crc32(f"fold {group}".encode()) % FOLDS for group in self.groups])
        return np.where(self.parts == "train", of, -1)

    def weights(self):
        """About 1 a page in all, but for the weight of its set."""
        count = np.bincount(self.page, minlength=len(self.end))
        words = np.bincount(self.page, self.word_count, len(self.end))
        share = self.word_count / np.maximum(words, 1)[self.page] * count[self.page]
        weight = np.minimum(np.sqrt(share), 4) / np.maximum(count, 1)[self.page]
        of_set = np.array([SET_WEIGHTS.get(s, 1.0) for s in self.sets])
        return (weight * of_set[self.page]).astype(np.float32)


def vocabulary(pages, learned, values, page_of_value, least, most=None):
    """Values that occur on at least so many domains, commonest first if there are too many."""
    groups = np.unique(pages.groups, return_inverse=True)[1]
    used = np.isin(page_of_value, learned)
    pairs = np.unique(np.stack([groups[page_of_value[used]], values[used]], 1), axis=0)
    domains = collections.Counter(pairs[:, 1].tolist())
    found = sorted((v for v, n in domains.items() if n >= least), key=lambda v: (-domains[v], v))
    return np.array(sorted(found[:most]))


def places(values, vocabulary):
    """The place of each value in the vocabulary, -1 if it is not there."""
    at = np.minimum(np.searchsorted(vocabulary, values), len(vocabulary) - 1)
    return np.where(vocabulary[at] == values, at, -1)


class Words:
    """Words of classes and texts, and how often each stands at each block."""

    def __init__(self, pages, learned):
        page_of_class = np.repeat(pages.page_of_element, pages.classes_end - pages.classes_start)
        page_of_word = np.repeat(pages.page, pages.word_count)
        self.classes = vocabulary(pages, learned, pages.classes, page_of_class, CLASS_DOMAINS)
        self.words = vocabulary(pages, learned, pages.words, page_of_word, WORD_DOMAINS, MOST_WORDS)
        of_class = places(pages.classes, self.classes)
        of_word = places(pages.words, self.words)
        own = [
            [c for c in of_class[a:b] if c >= 0]
            for a, b in zip(pages.classes_start, pages.classes_end)
        ]
        around = []
        for element, parent in enumerate(pages.parent):
            above = [] if parent == element else around[parent]
            around.append(above + own[element] if own[element] else above)
        self.around = [around[e] for e in pages.element]
        self.own = [own[e] for e in pages.element]
        self.of_text = [
            [w for w in of_word[a:b] if w >= 0] if b - a <= SHORT_WORDS else []
            for a, b in zip(pages.words_start, pages.words_end)
        ]
        self.scale = 0.5 / np.sqrt(np.maximum(pages.word_count, 4))
        lists = [(self.around, len(self.classes)), (self.own, len(self.classes))]
        lists.append((self.of_text, len(self.words)))
        sparse = []
        for rows, width in lists:
            ends = np.r_[0, np.cumsum([len(row) for row in rows])]
            columns = np.array([c for row in rows for c in row], np.int64)
            sparse.append(csr_matrix((np.ones(len(columns), np.float32), columns, ends), (len(rows), width)))
        sparse[2] = sparse[2].multiply(self.scale[:, None]).tocsr()
        self.matrix = hstack(sparse).tocsr()

    def fit(self, blocks, is_content, weights):
        model = LogisticRegression(C=0.1, max_iter=100, tol=1e-3)
        model.fit(self.matrix[blocks], is_content[blocks], sample_weight=weights[blocks])
        classes = len(self.classes)
        weight = np.round(model.coef_[0], 2).astype(np.float32)
        return weight[:classes], weight[classes : 2 * classes], weight[2 * classes :]

    def weigh(self, weights, blocks):
        around, own, words = weights
        rows = []
        for b in blocks:
            a = around[self.around[b]]
            least, most = (a.min(), a.max()) if len(a) else (0, 0)
            of_text = words[self.of_text[b]].sum() * self.scale[b]
            rows.append((a.sum(), least, most, own[self.own[b]].sum(), of_text))
        return np.array(rows, np.float32).reshape(-1, len(WORD_NAMES))


def trees(number):
    return CatBoostClassifier(
        iterations=number,
        depth=6,
        learning_rate=0.07,
        l2_leaf_reg=15,
        border_count=64,
        rsm=0.3,
        bootstrap_type="Bernoulli",
        subsample=0.7,
        random_seed=0,
        thread_count=1,
        allow_writing_files=False,
        verbose=0,
    )


def neighbours(pages, logits):
    """As content_model/neighbours.rs."""
    probability = 1 / (1 + np.exp(-logits.astype(np.float64)))
    weight = pages.word_count + 0.5
    mass = probability * weight
    at = np.arange(len(logits))
    start, end = pages.start[pages.page], pages.end[pages.page]
    before_mass, before_weight = np.r_[0, np.cumsum(mass)], np.r_[0, np.cumsum(weight)]
    mean = lambda a, b: (before_mass[b] - before_mass[a]) / (before_weight[b] - before_weight[a])
    total = np.maximum(before_mass[end] - before_mass[start], 1e-300)
    columns = [logits]
    for distance in (1, 2, 3):
        for step in (-distance, distance):
            inside = (at + step >= start) & (at + step < end)
            columns.append(np.where(inside, logits[np.clip(at + step, 0, len(at) - 1)], -6.0))
    for radius in (4, 12):
        columns.append(mean(np.maximum(at - radius, start), np.minimum(at + radius + 1, end)))
    for container in range(3):
        a, b = pages.containers[:, container, 0], pages.containers[:, container, 1]
        columns += [mean(a, b), (before_mass[b] - before_mass[a]) / total]
    group_mass, group_weight = np.bincount(pages.group, mass), np.bincount(pages.group, weight)
    columns += [(group_mass / group_weight)[pages.group], group_mass[pages.group] / total]
    columns += [(before_mass[at] - before_mass[start]) / total]
    columns += [(before_mass[end] - before_mass[at + 1]) / total, mean(start, end)]
    columns.append(log(total))
    # The element that were the best to keep alone; of several the innermost, which is the last.
    first, stop, page = pages.element_first, pages.element_end, pages.page_of_element
    element_mass = before_mass[stop] - before_mass[first]
    element_weight = before_weight[stop] - before_weight[first]
    page_mass = (before_mass[pages.end] - before_mass[pages.start])[page]
    f = 2 * element_mass / np.maximum(element_weight + page_mass, 1e-300)
    around = f.copy()
    for element, parent in enumerate(pages.parent):
        around[element] = max(around[element], around[parent])
    order = np.lexsort((np.arange(len(f)), f))
    best = np.zeros(len(pages.end), np.int64)
    best[page[order]] = order
    best = best[pages.page]
    before, behind = np.maximum(first[best] - at, 0), np.maximum(at + 1 - stop[best], 0)
    columns += [(before + behind == 0), log(before) - log(behind), f[best]]
    columns += [around[pages.element] / np.maximum(f[best], 1e-9)]
    columns += [f[pages.element] / np.maximum(f[best], 1e-9), element_mass[best] / total]
    columns += [element_mass[best] / element_weight[best]]
    columns += [element_weight[best] / (before_weight[end] - before_weight[start])]
    return np.stack(columns, 1).astype(np.float32)


def log(x):
    """log2(1 + x) with straight lines between powers of two, as features.rs has it."""
    mantissa, exponent = np.frexp((1 + x).astype(np.float32))
    return exponent - 1 + 2 * mantissa - 1


def least_kept(probability, weight, beta):
    """As main_content.rs: the probability from which on the F to be expected falls."""
    order = np.argsort(-probability, kind="stable")
    right, kept = np.cumsum((probability * weight)[order]), np.cumsum(weight[order])
    return probability[order][np.argmax(right / (kept + beta**2 * right[-1]))]


def report(pages, folds, logits, comments):
    """F1 of each set by setting: judged crosswise, held out, and held out but of domains seen.

    Here a page's lists and sections are not completed, and what it shows twice counts twice, unlike
    in main_content.rs.
    """
    print(f"{'':40} {'precision':>9} {'balance':>9} {'recall':>9} {'comments':>9}")
    rows = collections.defaultdict(list)
    seen = set(pages.groups[folds >= 0])
    for page in range(len(pages.end)):
        block = slice(pages.start[page], pages.end[page])
        if pages.parts[page] == "no_gold" or block.start == block.stop:
            continue
        row = []
        with_comments = np.maximum(logits, comments)
        settings = ((logits, 0.5), (logits, 1), (logits, 2), (with_comments, 1))
        for setting, beta in settings:
            probability = 1 / (1 + np.exp(-setting[block].astype(np.float64)))
            keep = probability >= least_kept(probability, pages.word_count[block] + 0.5, beta)
            tokens = pages.tokens[block][keep].sum() + pages.gold_tokens[page]
            row.append(2 * pages.gold[block][keep].sum() / max(tokens, 1))
        part = "crossed" if folds[page] >= 0 else "seen" if pages.groups[page] in seen else "held out"
        rows[part, pages.sets[page]].append(row)
    for (part, name), values in sorted(rows.items()):
        means = " ".join(f"{value:9.4f}" for value in np.mean(values, 0))
        print(f"{part:10}{name:26}{len(values):4} {means}", flush=True)


def number(value, digits):
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("0.", ".", 1) if abs(value) < 1 else text


def write(path, pages, words, weights, stages):
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            "# The content model of extraction: see src/extract/content_model.\n"
            f"# Made by benches/extraction/train.py from {len(pages.learned())} pages.\n"
        )
        around, own, of_text = weights
        rows = zip((pages.class_names[c] for c in words.classes), around, own)
        for name, a, o in sorted(rows):
            if a or o:
                file.write(f"class {name} {number(a, 2)} {number(o, 2)}\n")
        rows = zip((pages.word_names.get(w) for w in words.words), of_text)
        for name, weight in sorted((name, w) for name, w in rows if name):
            if weight:
                file.write(f"word {name} {number(weight, 2)}\n")
        names = pages.feature_names + WORD_NAMES
        for stage, model in stages:
            write_trees(file, stage, model, names + NEIGHBOUR_NAMES)


def write_trees(file, stage, model, names):
    path = f"{file.name}.json"
    model.save_model(path, format="json")
    with open(path, encoding="utf-8") as saved:
        saved = json.load(saved)
    os.remove(path)
    scale, bias = saved["scale_and_bias"]
    assert scale == 1
    file.write(f"{stage} {number(np.ravel(bias)[0], 4)}\n")
    columns = {
        f["feature_index"]: f["flat_feature_index"] for f in saved["features_info"]["float_features"]
    }
    for tree in saved["oblivious_trees"]:
        questions = (
            f"{names[columns[s['float_feature_index']]]} {s['border']:.6g}" for s in tree["splits"]
        )
        leaves = (number(leaf, 3) for leaf in tree["leaf_values"])
        file.write(f"tree {' '.join(questions)} : {' '.join(leaves)}\n")


def main(directory, path):
    pages = Pages(directory)
    learned, weights = pages.learned(), pages.weights()
    folds = pages.folds()
    print(len(learned), "pages are learned from,", len(pages.blocks(learned)), "blocks", flush=True)

    def crossed(fit, judge, out):
        """Fills `out` from models that were not trained on the page; returns the model of all."""

        def fold(k):
            model = fit(pages.blocks(learned[folds[learned] != k]))
            left = pages.blocks(np.flatnonzero(folds == k))
            out[left] = judge(model, left)
            return model

        # A held-out page is in fold -1, and nothing that is learned from is.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(fold, range(-1, FOLDS)))[0]

    words = Words(pages, learned)
    of_words = np.zeros((len(pages.page), len(WORD_NAMES)), np.float32)
    fitted = crossed(lambda rows: words.fit(rows, pages.is_content, weights), words.weigh, of_words)
    print(len(words.classes), "words of classes,", len(words.words), "of texts", flush=True)

    def fit(number, inputs, target, among=None):
        def of(rows):
            rows = rows if among is None else rows[among[rows]]
            weight = weights[rows] * PAGE_BLOCKS
            return trees(number).fit(inputs[rows], target[rows], sample_weight=weight)

        return of

    def judge(inputs):
        return lambda model, rows: model.predict(inputs[rows], prediction_type="RawFormulaVal")

    inputs = np.concatenate([pages.features, of_words], 1)
    logits = np.zeros(len(pages.page), np.float32)
    first = crossed(fit(150, inputs, pages.is_content), judge(inputs), logits)
    comments = np.zeros(len(pages.page), np.float32)
    among = pages.is_comment & pages.of_comments
    comment = crossed(fit(100, inputs, pages.is_gold, among), judge(inputs), comments)
    comments[~pages.is_comment] = -np.inf
    inputs = np.concatenate([inputs, neighbours(pages, logits)], 1)
    logits = np.zeros(len(pages.page), np.float32)
    second = crossed(fit(250, inputs, pages.is_content), judge(inputs), logits)
    report(pages, folds, logits, comments)
    write(path, pages, words, fitted, (("first", first), ("second", second), ("comments", comment)))


if __name__ == "__main__":
    main(*sys.argv[1:])
