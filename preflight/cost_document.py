"""The parts of a stack's JSON document that are about money. Only here do amounts become floats."""

from datetime import date
from typing import Any

from preflight.breakeven import Breakeven, Crossing
from preflight.cost.estimate import Estimate

CURRENCY = "USD"


def cost_document(found: Estimate, today: date) -> dict[str, Any]:
    """The `cost` part of a stack's JSON document."""
    return {
        "currency": CURRENCY,
        "hours": float(found.hours),
        "total": float(found.total),
        "least": float(found.least),
        "most": float(found.most),
        "notes": list(found.notes),
        "oldPrices": [each.id for each in found.old_prices(today)],
        "guessedPrices": [each.id for each in found.guessed_prices()],
        "unpriced": [{"urn": gap.urn, "what": gap.what, "reason": gap.reason} for gap in found.unpriced],
        "lines": [
            {
                "urn": line.urn,
                "what": line.what,
                "quantity": float(line.quantity),
                "unit": line.unit,
                "price": float(line.price),
                "monthly": float(line.monthly),
            }
            for line in found.lines
        ],
    }


def breakeven_document(found: Breakeven) -> dict[str, Any]:
    """The `breakeven` part of a stack's JSON document."""
    return {
        "currency": CURRENCY,
        "cheaperAtRest": found.cheaper_at_rest,
        "crossings": [_crossing(each) for each in found.crossings],
        "lookedUpTo": int(found.requests[-1]),
        "capacity": None if found.capacity is None else int(found.capacity),
        "cases": [
            {
                "cpuMs": float(each.cpu_ms),
                "peakFactor": float(each.peak_factor),
                "crossings": [_crossing(crossing) for crossing in each.crossings],
            }
            for each in found.cases
        ],
        "points": [
            {
                "requests": int(many),
                **{
                    topology: {
                        "expected": float(curve.expected[n]),
                        "low": float(curve.low[n]),
                        "high": float(curve.high[n]),
                    }
                    for topology, curve in found.curves.items()
                },
            }
            for n, many in enumerate(found.requests)
        ],
    }


def _crossing(crossing: Crossing) -> dict[str, Any]:
    return {"requests": round(crossing.requests), "cheaper": crossing.cheaper}
