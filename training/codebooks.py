"""How the codebooks learn: k-means start, moving averages, renewal of dead codewords."""

from __future__ import annotations

from typing import cast

import torch
from lightning_fabric import Fabric
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn
from torch.nn import functional

from ..core.codec.quantizer import ResidualVectorQuantizer, nearest


def code_perplexity(code: Tensor, codebook_size: int) -> Tensor:
    """How many codewords codes ``(V,)`` use, as if each were used alike: 1 to ``codebook_size``."""
    share = torch.bincount(code, minlength=codebook_size) / len(code)
    return torch.exp(-(share * share.clamp_min(1e-9).log()).sum())


class CodebookTrainer(nn.Module):
    """Moves the codewords of a quantiser to the running mean of the vectors they stand for.

    Source: VQ-VAE (van den Oord et al. 2017), appendix A.1; SoundStream section III-C for the
    k-means start and the renewal of codewords that are hardly used.

    Args:
        quantizer: its ``codebooks`` are updated in place.
        fabric: joins the processes, whose codebooks stay alike.
        decay: of the moving averages, per step.
        dead_share: a codeword used less than this share of the uniform rate is replaced.
    """

    usage: Tensor
    sums: Tensor

    def __init__(
        self,
        quantizer: ResidualVectorQuantizer,
        fabric: Fabric,
        decay: float = 0.99,
        dead_share: float = 0.05,
    ) -> None:
        super().__init__()
        self.quantizer = quantizer
        self.fabric = fabric
        self.decay = decay
        self.dead_share = dead_share
        self.register_buffer("usage", torch.ones(quantizer.codebooks.shape[:2]))
        self.register_buffer("sums", quantizer.codebooks.clone())
        self._heard: list[list[tuple[Tensor, Tensor]]] = []

    def start(self, latents: Tensor, seed: int) -> None:
        """Sets every codebook by k-means over what the ones before it leave of ``(V, D)`` vectors."""
        residual = latents.float()
        for level, codebook in enumerate(self.quantizer.codebooks):
            means = MiniBatchKMeans(len(codebook), batch_size=4096, n_init=1, max_iter=20, random_state=seed)
            means.fit(residual.cpu().numpy())
            codebook.copy_(torch.from_numpy(means.cluster_centers_))
            code = nearest(residual, codebook)
            residual = residual - codebook[code]
            self.usage[level] = torch.bincount(code, minlength=len(codebook)) / len(code) * len(codebook)
            self.usage[level].clamp_min_(self.dead_share)
        self.sums.copy_(self.quantizer.codebooks * self.usage[..., None])

    def go_on(self) -> None:
        """Takes the codebooks as they are for what has been heard so far, each codeword as often."""
        self.usage.fill_(1.0)
        self.sums.copy_(self.quantizer.codebooks)

    def share(self) -> None:
        """Gives all processes the codebooks of the first."""
        for buffer in self.buffers():
            buffer.copy_(self._of_the_first(buffer))

    def _mean_of_all(self, tensor: Tensor) -> Tensor:
        return cast(Tensor, self.fabric.all_reduce(tensor, reduce_op="mean"))

    def _of_the_first(self, tensor: Tensor) -> Tensor:
        return self.fabric.broadcast(tensor.cpu()).to(tensor.device)

    def forward(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Quantises latents ``(B, D, N)``, from which :meth:`learn` will learn.

        Returns: the quantised latents, through which gradients pass straight to the encoder;
        the commitment loss; the perplexity ``(K,)`` of this batch's codes.
        """
        vectors = latents.transpose(1, 2).reshape(-1, latents.shape[1])
        residual = vectors.detach().float()
        quantised = torch.zeros_like(residual)
        commitment = latents.new_zeros(())
        perplexity = []
        heard = []
        for codebook in self.quantizer.codebooks:
            code = nearest(residual, codebook)
            heard.append((residual, code))
            quantised = quantised + codebook[code]
            residual = residual - codebook[code]
            commitment = commitment + functional.mse_loss(vectors, quantised)
            perplexity.append(code_perplexity(code, len(codebook)))
        if self.training:
            self._heard.append(heard)
        straight = vectors + (quantised - vectors).detach()
        straight = straight.view(latents.shape[0], -1, latents.shape[1]).transpose(1, 2)
        return straight, commitment / len(perplexity), torch.stack(perplexity)

    @torch.no_grad()
    def learn(self) -> None:
        """Moves the codebooks by all that was quantised since the last time, in every process."""
        for level in range(len(self.quantizer.codebooks) if self._heard else 0):
            self._learn_level(level, [heard[level] for heard in self._heard])
        self._heard.clear()

    def _learn_level(self, level: int, heard: list[tuple[Tensor, Tensor]]) -> None:
        codebook = self.quantizer.codebooks[level]
        vectors = torch.cat([vectors for vectors, _ in heard])
        code = torch.cat([code for _, code in heard])
        size = len(codebook)
        scale = size / len(code)
        count = torch.bincount(code, minlength=size) * scale
        total = torch.zeros_like(codebook).index_add_(0, code, vectors) * scale
        self.usage[level].lerp_(self._mean_of_all(count), 1 - self.decay)
        self.sums[level].lerp_(self._mean_of_all(total), 1 - self.decay)
        codebook.copy_(self.sums[level] / self.usage[level].clamp_min(1e-5)[:, None])
        dead = (self.usage[level] < self.dead_share).nonzero().squeeze(1)
        if len(dead):
            chosen = torch.randint(len(vectors), (len(dead),)).to(vectors.device)
            born = self._of_the_first(vectors[chosen])
            codebook[dead] = born
            # Half the uniform usage: time to win vectors before it is judged again.
            self.usage[level, dead] = 0.5
            self.sums[level, dead] = 0.5 * born
