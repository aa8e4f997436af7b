"""How Sphinx builds the site. Called by `python -m tools.site`, which brings the sources together first."""

project = "bxe"
html_title = "bxe"
copyright = "the authors of bxe; code Apache-2.0, texts CC BY 4.0"
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "tools.site.extension",
]
exclude_patterns = [".doctrees"]

# The notebooks stand as they were run and compared; nothing is run here.
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # no notebook keeps a widget's state, and the usual scripts come from elsewhere
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

autosummary_generate = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"  # docstrings say `name`, as Markdown does
napoleon_google_docstring = True

mathjax_path = "tex-svg.js"  # vendored; put into _static by tools.site
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "furo"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "_static/icon.svg"
html_copy_source = False
html_domain_indices = False  # a list of modules says less than the reference
html_show_sourcelink = False
html_show_search_summary = (
    False  # Sphinx would fetch each page, which a browser forbids in a folder; site.js shows more
)
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#005a8c", "color-brand-content": "#005a8c"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f0", "color-brand-content": "#7cc4f0"},
}
