/**
 * Loaded before a process of ours (`node --import`), so that its clock runs ahead by CLOCK_AHEAD_MS: some platforms
 * show what happened only minutes later, and a test cannot wait that long.
 */
const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0)

if (aheadMs > 0) {
  const real = Date
  const now = () => real.now() + aheadMs
  globalThis.Date = new Proxy(real, {
    construct: (target, values) => Reflect.construct(target, values.length === 0 ? [now()] : values),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
}
