/**
 * Loaded into our processes (`node --import`) to move their clock ahead by CLOCK_AHEAD_MS. Some platforms show changes only minutes later,
 * which is too long for a test.
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
