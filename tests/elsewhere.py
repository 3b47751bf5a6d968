"""A device that is not the CPU, made of the CPU: what is computed there is right, if it is there.

Tensors on it are computed by the CPU, but not together with those on the CPU, as on a GPU; so it
tells whether a program moves everything to its device, where there is no GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "elsewhere"
MOVES = ("aten::_to_copy", "aten::copy_", "aten::_copy_from")
# Their second argument may be on the CPU, or must be.
INDICES = ("aten::index.Tensor", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")
LENGTHS = "aten::_pack_padded_sequence"


class Away(torch.Tensor):
    """A tensor on the device; ``own`` is that of the CPU."""

    own: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, own: torch.Tensor) -> Any:
        return torch.Tensor._make_wrapper_subclass(
            cls,
            own.shape,
            strides=own.stride(),
            storage_offset=own.storage_offset(),
            dtype=own.dtype,
            layout=own.layout,
            device=torch.device(NAME, 0),
            requires_grad=own.requires_grad,
        )

    def __init__(self, own: torch.Tensor) -> None:
        self.own = own

    @classmethod
    def __torch_dispatch__(cls, function: Any, _: Any, given: Any = (), named: Any = None) -> Any:
        return call(function, given, named or {})


class _Watched(TorchDispatchMode):
    """Sees what makes or moves tensors without having one of the device."""

    def __torch_dispatch__(self, function: Any, _: Any, given: Any = (), named: Any = None) -> Any:
        return call(function, given, named or {})


def call(function: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Compute on the CPU what is asked of the device.

    Raises:
        RuntimeError: tensors of several elements are on different devices.
    """
    flat, shape = tree_flatten((given, named))
    tensors = [value for value in flat if isinstance(value, torch.Tensor)]
    away = {id(value.own): value for value in tensors if isinstance(value, Away)}
    name = function.name()
    both = tree_leaves((given[0], given[2:]) if name in (*INDICES, LENGTHS) else flat)
    here = [v for v in both if isinstance(v, torch.Tensor) and not isinstance(v, Away) and v.ndim]
    if away and here and name not in MOVES:
        raise RuntimeError(f"{name}: expected all tensors to be on the same device")
    if name == LENGTHS and isinstance(given[1], Away):
        raise RuntimeError(f"{name}: expected lengths on the CPU")
    given, named = tree_unflatten([_own(value) for value in flat], shape)
    made = OWN.get(name, function)(*given, **named)
    if away and torch.Tag.inplace_view in function.tags:  # the shape of what was given changes, too
        with no_dispatch():
            function(*(away.get(id(value), value) for value in given), **named)
    if name == "aten::copy_":
        return next(value for value in tensors)
    asked = next((v for v in flat if isinstance(v, torch.device)), None)
    goes = bool(away) if asked is None else asked.type == NAME

    def placed(value: Any) -> Any:
        if not (goes and isinstance(value, torch.Tensor)) or isinstance(value, Away):
            return value
        return away[id(value)] if id(value) in away else Away(value)  # in place: what was given

    if name == LENGTHS:
        return placed(made[0]), made[1]  # the sizes of steps stay here
    return tree_map(placed, made)


def _own(value: Any) -> Any:
    if isinstance(value, Away):
        return value.own
    away = isinstance(value, torch.device) and value.type == NAME
    return torch.device("cpu") if away else value


def _gru_cell(
    inputs: torch.Tensor,
    hidden: torch.Tensor,
    before: torch.Tensor,
    input_bias: torch.Tensor | None = None,
    hidden_bias: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute a step of a GRU, and keep what its gradient needs."""
    if input_bias is not None:
        inputs, hidden = inputs + input_bias, hidden + hidden_bias
    given, kept = inputs.chunk(3, 1), hidden.chunk(3, 1)
    reset, update = (torch.sigmoid(given[k] + kept[k]) for k in (0, 1))
    new = torch.tanh(given[2] + reset * kept[2])
    after = new + update * (before - new)
    return after, torch.cat((reset, update, new, kept[2], before), 1)


def _gru_cell_gradient(
    gradient: torch.Tensor, workspace: torch.Tensor, biased: bool
) -> tuple[torch.Tensor | None, ...]:
    reset, update, new, kept, before = workspace.chunk(5, 1)
    of_new = gradient * (1 - update) * (1 - new**2)
    of_reset = of_new * kept * reset * (1 - reset)
    of_update = gradient * (before - new) * update * (1 - update)
    inputs = torch.cat((of_reset, of_update, of_new), 1)
    hidden = torch.cat((of_reset, of_update, of_new * reset), 1)
    biases = (inputs.sum(0), hidden.sum(0)) if biased else (None, None)
    return inputs, hidden, gradient * update, *biases


# The CPU has no step of a GRU of its own, other devices have.
OWN = {
    "aten::_thnn_fused_gru_cell": _gru_cell,
    "aten::_thnn_fused_gru_cell_backward": _gru_cell_gradient,
    "aten::_thnn_fused_gru_cell_backward_impl": _gru_cell_gradient,
}


def register() -> None:
    """Make the device known, before gradients are computed for the first time in the process."""
    _setup_privateuseone_for_python_backend(NAME)


@contextmanager
def elsewhere() -> Iterator[str]:
    """Give the name of the device; tensors cannot be in inference mode there."""
    torch._C._set_only_lift_cpu_tensors(True)  # data become a tensor here, which is then moved
    try:
        with _Watched(), mock.patch.object(torch, "inference_mode", torch.no_grad):
            yield NAME
    finally:
        torch._C._set_only_lift_cpu_tensors(False)
