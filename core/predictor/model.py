"""The dance-based music prediction network: motion features to distributions over RVQ codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ..motion.features import N_FEATURES
from .attention import EncoderLayer
from .recall import Recall, matches, pointed

State = tuple[Tensor, Tensor] | Tensor
"""The LSTM's hidden and cell state, or the GRU's hidden state; each ``(layers, B, hidden)``."""


@dataclass(frozen=True)
class PredictorConfig:
    """Sizes of the predictor. The defaults are the paper's (section 3.4).

    Attributes:
        genres: names that the music can be asked for; empty for a model without genres.
        feature_dim: 92; 76 for a model that is told its place in the beat but not in the bars; 73 for the
            paper's features, without the pulse; 72 without the kinematic beat either (paper Table 5).
        window: w, how many frames before and after a frame its attention reaches.
        history_dim: width to which the previous frame's code distributions are projected.
        codebook_delay: frames by which each codebook lags the one before it: 0 predicts all of a
            frame's codes at once as the paper does; 1 lets each codebook see the coarser ones of
            its own frame (the delay pattern of MusicGen, Copet et al. 2023, section 2.2).
        cell: of the recurrent layers, ``lstm`` or ``gru`` (paper Table 7).
        recall: how many beats back the codes lie that can be pointed to; without any, as in the paper.
    """

    genres: tuple[str, ...] = ()
    feature_dim: int = N_FEATURES
    width: int = 256
    encoder_layers: int = 2
    n_heads: int = 8
    head_dim: int = 64
    feed_forward: int = 1024
    window: int = 60
    history_dim: int = 512
    hidden: int = 1024
    lstm_layers: int = 3
    n_codebooks: int = 8
    codebook_size: int = 1024
    codebook_delay: int = 0
    dropout: float = 0.1
    cell: Literal["lstm", "gru"] = "lstm"
    recall: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.cell not in ("lstm", "gru"):
            raise ValueError(f"there is no recurrent cell {self.cell!r}")

    @property
    def latency(self) -> int:
        """Frames by which the last codebook lags the first."""
        return self.codebook_delay * (self.n_codebooks - 1)

    @property
    def context(self) -> int:
        """Frames on either side that the encoding of a frame depends on."""
        return self.encoder_layers * self.window


class MotionEncoder(nn.Module):
    """Motion features to hidden variables h (paper equation 9), by local self-attention."""

    feature_mean: Tensor
    feature_scale: Tensor

    def __init__(self, config: PredictorConfig) -> None:
        super().__init__()
        self.register_buffer("feature_mean", torch.zeros(config.feature_dim))
        self.register_buffer("feature_scale", torch.ones(config.feature_dim))
        self.projection = nn.Linear(config.feature_dim, config.width)
        # Row 0 stands for "no genre asked for".
        self.genre = nn.Embedding(len(config.genres) + 1, config.width)
        self.layers = nn.Sequential(
            *(
                EncoderLayer(
                    config.width,
                    config.n_heads,
                    config.head_dim,
                    config.feed_forward,
                    config.window,
                    config.dropout,
                )
                for _ in range(config.encoder_layers)
            )
        )

    def forward(self, features: Tensor, genre: Tensor) -> Tensor:
        """Features ``(B, N, 92)`` and genre ``(B,)``, 0 for none, to ``(B, N, D)``.

        A model of fewer features leaves out the last ones.
        """
        features = features[..., : len(self.feature_mean)]
        x = self.projection((features - self.feature_mean) / self.feature_scale)
        encoded: Tensor = self.layers(x + self.genre(genre)[:, None])
        return encoded


class CodeDecoder(nn.Module):
    """LSTM or GRU fed by the encoding and the previous codes (paper equations 10 to 12), with K heads."""

    def __init__(self, config: PredictorConfig) -> None:
        super().__init__()
        shape = (config.n_codebooks, config.codebook_size, config.history_dim)
        self.history = nn.Parameter(torch.randn(shape) * config.n_codebooks**-0.5)
        recurrent = {"lstm": nn.LSTM, "gru": nn.GRU}[config.cell](
            config.width + config.history_dim,
            config.hidden,
            config.lstm_layers,
            batch_first=True,
            dropout=config.dropout if config.lstm_layers > 1 else 0.0,
        )
        # Weights are stored under the cell's own name.
        self.add_module(config.cell, recurrent)
        self.cell = config.cell
        self.shortcut = nn.Linear(config.width + config.history_dim, config.hidden)
        self.dropout = nn.Dropout(config.dropout)
        self.heads = nn.Linear(config.hidden, config.n_codebooks * config.codebook_size)
        self.n_codebooks = config.n_codebooks
        self.codebook_size = config.codebook_size
        self.recall = None
        if config.recall:
            self.recall = Recall(config.n_codebooks, len(config.recall), config.history_dim, config.hidden)

    @property
    def recurrent(self) -> nn.RNNBase:
        """The LSTM or GRU."""
        recurrent = self.get_submodule(self.cell)
        assert isinstance(recurrent, nn.RNNBase)
        return recurrent

    def heads_and_gates(self) -> tuple[Tensor, Tensor]:
        """Weight and bias of the heads and, below them, of the gates of recall, if there is any."""
        layers = [self.heads] if self.recall is None else [self.heads, self.recall.gates]
        weights, biases = ([getattr(layer, name).detach() for layer in layers] for name in ("weight", "bias"))
        return torch.cat(weights), torch.cat(biases)

    def history_table(self) -> Tensor:
        """What each code of each codebook projects to, ``(K, M + 1, E)``; the last row is "not known".

        A known code is the distribution that has it for certain; an unknown one is the uniform
        distribution (paper equation 12), which projects to the mean of all rows.
        """
        return torch.cat([self.history, self.history.mean(1, keepdim=True)], dim=1)

    def embed(self, codes: Tensor, table: Tensor, recalled: Tensor | None = None) -> Tensor:
        """Codes ``(B, K, N)`` before each frame, M for "not known", by :meth:`history_table`: ``(B, N, E)``.

        Args: recalled: codes ``(B, N + 1, K, L)``, M for "not known", at the frame before the first and at
            each; none means that none is known.
        """
        rows = torch.arange(self.n_codebooks, device=codes.device)[:, None]
        embedded = table[rows, codes].sum(1)
        if self.recall is None or recalled is None:
            return embedded
        right: Tensor = self.recall.matches(
            matches(codes.transpose(1, 2), recalled[:, :-1], self.codebook_size)
        )
        return embedded + right

    def forward(
        self, encoded: Tensor, history: Tensor, state: State | None, recalled: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Encoding ``(B, N, D)`` and what :meth:`embed` gives to logits ``(B, K, N, M)``."""
        x = torch.cat([encoded, history], dim=-1)
        output, state = self.recurrent(x, state)
        hidden = self.dropout(output + self.shortcut(x))
        logits = self.heads(hidden).unflatten(-1, (self.n_codebooks, -1))
        if self.recall is not None and recalled is not None:
            logits = pointed(logits, self.recall.gates(hidden), recalled[:, 1:])
        return logits.transpose(1, 2), state


class Predictor(nn.Module):
    """The whole network of paper section 3.4."""

    def __init__(self, config: PredictorConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = MotionEncoder(config)
        self.decoder = CodeDecoder(config)

    def forward(
        self, features: Tensor, genre: Tensor, previous: Tensor, recalled: Tensor | None = None
    ) -> Tensor:
        """Teacher forcing: the logits of every frame given the true codes before it.

        Args:
            features: ``(B, N, 92)``, displacements, kinematic beat and pulse.
            genre: ``(B,)``, 0 for none.
            previous: ``(B, K, N)``, the (delayed) codes of the frame before each frame.
            recalled: ``(B, N + 1, K, L)``, of the frame before the first and of each, as recalled_codes gives
                them.
        Returns: logits ``(B, K, N, M)``.
        """
        history = self.decoder.embed(previous, self.decoder.history_table(), recalled)
        logits, _ = self.decoder(self.encoder(features, genre), history, None, recalled)
        return logits


def delay_codes(codes: Tensor, delay: int, unknown: int) -> Tensor:
    """Shifts codebook k of ``(B, K, N)`` by ``k * delay`` frames: ``(B, K, N + (K - 1) * delay)``."""
    batch, n_codebooks, frames = codes.shape
    delayed = codes.new_full((batch, n_codebooks, frames + (n_codebooks - 1) * delay), unknown)
    for k in range(n_codebooks):
        delayed[:, k, k * delay : k * delay + frames] = codes[:, k]
    return delayed


def undelay_codes(delayed: Tensor, delay: int) -> Tensor:
    """The inverse of :func:`delay_codes`."""
    n_codebooks = delayed.shape[1]
    frames = delayed.shape[-1] - (n_codebooks - 1) * delay
    return torch.stack([delayed[:, k, k * delay : k * delay + frames] for k in range(n_codebooks)], dim=1)
