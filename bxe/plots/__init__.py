"""Every figure of the course, one function each: data in, Axes out; `show` puts it on the page with its alt text.

- diagrams: how the models work (architectures, two_steps, who_sees_whom)
- vectors: what texts become, and how near they lie to each other (pooling, heatmap, token_table, maps)
- scores: how scores lie, what a threshold finds (distributions, strips, over_thresholds, reliability, refusals)
- rankings: one ranking, two orders, systems compared (ranked, reordered, intervals, gains_by_set, differences)
- groups: clusters, labels (kmeans_steps, choosing_k, crosstab, largest_groups, glued)
- costs: what quality costs in time and examples (pair_times, recall_against_time, trade_offs, learning_curves)
- pictures: search results that are pictures (thumbnails)
- page and labels: what all of them are drawn with: show, colours, panels, boxes and arrows; where names are put
"""

from bxe.plots.costs import learning_curves, pair_times, recall_against_time, trade_offs
from bxe.plots.diagrams import architectures, two_steps, who_sees_whom
from bxe.plots.groups import choosing_k, crosstab, glued, kmeans_steps, largest_groups
from bxe.plots.page import show
from bxe.plots.pictures import thumbnails
from bxe.plots.rankings import differences, gains_by_set, intervals, ranked, reordered
from bxe.plots.scores import distributions, over_thresholds, refusals, reliability, strips
from bxe.plots.vectors import heatmap, maps, pooling, token_table

__all__ = [
    "architectures",
    "choosing_k",
    "crosstab",
    "differences",
    "distributions",
    "gains_by_set",
    "glued",
    "heatmap",
    "intervals",
    "kmeans_steps",
    "largest_groups",
    "learning_curves",
    "maps",
    "over_thresholds",
    "pair_times",
    "pooling",
    "ranked",
    "recall_against_time",
    "refusals",
    "reliability",
    "reordered",
    "show",
    "strips",
    "thumbnails",
    "token_table",
    "trade_offs",
    "two_steps",
    "who_sees_whom",
]
