"""What is known of calls by their names: which leave everything as it was, and which do not.

Whatever is not known here is taken to change what it is given: a slice then keeps a cell too many.
"""

from __future__ import annotations

import builtins

BUILTINS = frozenset({*dir(builtins), "display"})

EFFECTIVE_BUILTINS = frozenset(
    "__import__ compile delattr eval exec globals input locals open setattr".split()
)

# Their functions neither change their arguments nor anything else, but for those named below.
QUIET_PACKAGES = frozenset(
    "IPython base64 calendar collections copy dataclasses datetime decimal enum fractions "
    "functools hashlib itertools json keyword math matplotlib numpy operator pandas pathlib pickle "
    "platform plotly polars pprint re scipy seaborn sklearn statistics string textwrap time "
    "typing uuid".split()
)

# What they draw is not what a metric is made of.
DRAWING_PACKAGES = frozenset("IPython matplotlib plotly pprint seaborn".split())

_EFFECTS = frozenset(
    "apply_along_axis copyto dump exit fill fill_diagonal insort manual_seed option_context place "
    "put put_along_axis putmask read_sql register rmtree run savetxt savez seed seterr shuffle "
    "style system".split()
)
_EFFECT_PREFIXES = tuple("disable enable register reset save seed set_ setup to_ use write".split())

# Methods that change neither their object nor their arguments, whoever's they are.
_OF_FRAMES = """
    abs agg aggregate all any argmax argmin argsort assign astype autocorr bfill
    clip compare corr corrwith count cov cummax cummin cumprod cumsum describe diff dot drop
    drop_duplicates dropna duplicated eq equals ewm expanding explode ffill fillna flatten ge
    get_dummies groupby gt head idxmax idxmin info interpolate isin isna isnull item items
    iterrows itertuples join keys kurt le lt map max mean median melt memory_usage merge min
    mode most_common multiply ne nlargest notna notnull nsmallest nunique pct_change pipe pivot
    pivot_table prod quantile query rank ravel reindex rename repeat resample reset_index reshape
    rolling round sample select_dtypes set_index shift skew sort_index sort_values squeeze stack std
    sub sum swapaxes tail take to_dict to_frame to_list to_numpy tolist transpose unique unstack
    value_counts values var view where
"""
_OF_TEXTS = """
    capitalize casefold center copy decode encode endswith expandtabs find format get index
    isalnum isalpha isdigit islower isoformat isspace istitle isupper ljust lower lstrip
    partition replace rfind rjust rpartition rsplit rstrip split splitlines startswith strftime
    strip swapcase title translate upper zfill
"""
_OF_MODELS = """
    decision_function get_feature_names_out get_params inverse_transform predict
    predict_log_proba predict_proba score score_samples transform
"""
_OF_FIGURES = """
    annotate area axhline axis axvline bar bar_label barh boxplot colorbar contour contourf
    display errorbar fill_between grid heatmap hexbin hist hist2d imshow legend line loglog matshow
    pcolormesh pie plot plot_surface savefig scatter semilogx semilogy show stackplot stem
    subplot subplots subplots_adjust suptitle text tick_params tight_layout twinx violinplot
    xaxis yaxis
"""
PURE_METHODS = frozenset((_OF_FRAMES + _OF_TEXTS + _OF_MODELS + _OF_FIGURES).split())

# Methods that change their object, and nothing else.
OWN_METHODS = frozenset(
    "add add_trace append clear discard eval extend fit fit_predict fit_transform insert "
    "partial_fit pop popitem popleft remove reverse setdefault sort update update_layout "
    "update_traces".split()
)

# What these give is used up by looking at it.
CONSUMABLE_MAKERS = frozenset(
    "Generator Random RandomState default_rng enumerate filter iter map open reader reversed "
    "scandir zip".split()
)

_SEEDED_BY = frozenset({"random_state", "seed", "rng"})


def package_of(function: str) -> str:
    """Return the package of a function's full name."""
    return function.partition(".")[0]


def has_effect(function: str) -> bool:
    """Say whether a function, by its full name, may do more than to give a result."""
    package, name = package_of(function), function.rpartition(".")[2]
    if package == "builtins":
        return name in EFFECTIVE_BUILTINS
    if package in DRAWING_PACKAGES:
        return False
    return package not in QUIET_PACKAGES or name in _EFFECTS or name.startswith(_EFFECT_PREFIXES)


def seeds(function: str) -> bool:
    """Say whether a function or method, by its name, sets the state of a random generator."""
    return "seed" in function.rpartition(".")[2]


def may_draw(function: str, keywords: set[str]) -> bool:
    """Say whether a library's function may take numbers from the generator that all share."""
    if keywords & _SEEDED_BY:
        return False
    package = package_of(function)
    if package == "sklearn":
        return not function.startswith(("sklearn.metrics.", "sklearn.datasets.load_"))
    quiet = package in QUIET_PACKAGES or package == "builtins"
    return not quiet or "random" in function


def knows_method(name: str) -> bool:
    """Say whether a method, by its name, changes nothing but perhaps its own object."""
    return name in PURE_METHODS or name in OWN_METHODS or name.startswith("set_")


def writes(name: str) -> bool:
    """Say whether a method, by its name, may write something that another one reads."""
    return name not in PURE_METHODS and name.startswith(("dump", "save", "to_", "write"))
