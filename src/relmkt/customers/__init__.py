"""Who is it? Customers, the facets that fold their facts, and the facts that join two streams into one person."""

from relmkt.customers._customer import Attributes, Change, Customer, Decides, Explanation, Question
from relmkt.customers._facet import Facet, Folding, States, Told, fold
from relmkt.customers._merged import Merged, Unmerged
from relmkt.facts import Identifier, Who

__all__ = [
    "Attributes",
    "Change",
    "Customer",
    "Decides",
    "Explanation",
    "Facet",
    "Folding",
    "Identifier",
    "Merged",
    "Question",
    "States",
    "Told",
    "Unmerged",
    "Who",
    "fold",
]
