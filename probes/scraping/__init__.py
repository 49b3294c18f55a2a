"""Reading what servers tell of themselves as Prometheus text. Pure but for `fetching`; knows no Django.

fetching → exposition → a table per kind (vllm, llamacpp, tgi, node, dcgm) → figures; `windows` and
`quantiles` set a reading against the ones before it. `kinds.digest` is the way in.
"""
