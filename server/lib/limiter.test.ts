import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLimiter, gapAfterCall, newShare, refuse } from './limiter.ts'

test('spaces starts at the rate', async () => {
  const limiter = createLimiter()
  const began = performance.now()
  const starts = await Promise.all(
    Array.from({ length: 6 }, () =>
      limiter.run('1', { perSecond: 50, concurrent: 10 }, async () => performance.now()),
    ),
  )
  assert.ok(Math.max(...starts) - began >= 95)
})

test('timers that fire late bring no burst: a second never holds more starts than allowed', async () => {
  const limiter = createLimiter()
  const starts: number[] = []
  const all = Array.from({ length: 30 }, () =>
    limiter.run('1', { perSecond: 20, concurrent: 30 }, async () => void starts.push(performance.now())),
  )
  await sleep(400)
  const busyUntil = performance.now() + 300
  while (performance.now() < busyUntil);
  await Promise.all(all)
  const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1000).length))
  assert.equal(most <= 20, true, `${most} in a second`)
  assert.equal(starts.length, 30)
})

test('never runs more at a time than allowed, and lets the next in when one fails', async () => {
  const limiter = createLimiter()
  let running = 0
  let most = 0
  const results = await Promise.allSettled(
    Array.from({ length: 9 }, (_, n) =>
      limiter.run('1', { perSecond: 10_000, concurrent: 2 }, async () => {
        running += 1
        most = Math.max(most, running)
        await sleep(5)
        running -= 1
        if (n % 2 === 0) throw new Error('refused')
      }),
    ),
  )
  assert.equal(most, 2)
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 5)
})

test('a ban holds one shop and not its neighbour, even those already waiting', async () => {
  const limiter = createLimiter()
  const rate = { perSecond: 20, concurrent: 5 }
  await limiter.run('1', rate, async () => {})
  const waiting = limiter.run('1', rate, async () => performance.now())
  const began = performance.now()
  limiter.ban('1', 200)
  assert.ok(limiter.bannedForMs('1') > 100)
  assert.equal(limiter.bannedForMs('2'), 0)
  const other = await limiter.run('2', rate, async () => performance.now())
  assert.ok(other - began < 150)
  assert.ok((await waiting) - began >= 195)
})

test('whoever gives up while waiting leaves the place to others', async () => {
  const limiter = createLimiter()
  const rate = { perSecond: 1000, concurrent: 1 }
  let release: () => void = () => {}
  const first = limiter.run(
    '1',
    rate,
    () =>
      new Promise<void>((go) => {
        release = go
      }),
  )
  await sleep(5)
  const controller = new AbortController()
  const second = limiter.run('1', rate, async () => 'never', controller.signal)
  const third = limiter.run('1', rate, async () => 'third')
  controller.abort('stopped')
  await assert.rejects(second, (reason) => reason === 'stopped')
  release()
  await first
  assert.equal(await third, 'third')
})

test('a clock that was an hour fast and is set right holds no call back, and ends no ban', async (t) => {
  const limiter = createLimiter()
  const rate = { perSecond: 20, concurrent: 5 }
  const right = Date.now.bind(Date)
  const ahead = t.mock.method(Date, 'now', () => right() + 3_600_000)
  await limiter.run('1', rate, async () => {})
  limiter.ban('2', 300)
  ahead.mock.restore()
  const began = performance.now()
  const call = async () => performance.now() - began
  const tookMs = await limiter.run('1', rate, call, AbortSignal.timeout(5000))
  assert.ok(tookMs < 1000, `${tookMs} ms`)
  assert.ok((await limiter.run('2', rate, call, AbortSignal.timeout(5000))) >= 250)
})

test('after refusals it learns the rate that a platform takes, is refused seldom, and returns by itself', () => {
  const learned = newShare()
  let now = 0
  /** Calls a platform as fast as the share of twenty a second allows; it refuses what is more than its quota of a second. */
  const trade = (seconds: number, quota: number) => {
    let [calls, refusals] = [0, 0]
    for (const end = now + seconds * 1000; now < end; ) {
      const second = Math.floor(now / 1000)
      for (let call = 1; now < (second + 1) * 1000; call += 1) {
        now += gapAfterCall(learned, 20)
        if (call <= quota) calls += 1
        else {
          refusals += 1
          refuse(learned, now, 1000)
        }
      }
    }
    return { perSecond: Math.round(calls / seconds), refusals }
  }
  assert.deepEqual(trade(60, 20), { perSecond: 19, refusals: 0 })
  const learning = trade(20, 10)
  assert.ok(learning.refusals <= 16, `${learning.refusals} refusals`)
  const peak = trade(1200, 10)
  assert.ok(peak.refusals <= 14 && peak.perSecond >= 9, JSON.stringify(peak))
  trade(720, 20)
  assert.deepEqual(trade(60, 20), { perSecond: 19, refusals: 0 })
})

/** Makes calls until they have needed this time at their pace. Returns the calls of a second after that. */
function callsFor(learned: ReturnType<typeof newShare>, ms: number): number {
  let gap = gapAfterCall(learned, 20)
  for (let spent = gap; spent < ms; spent += gap) gap = gapAfterCall(learned, 20)
  return Math.round(1e6 / gap) / 1000
}

test('after a refusal that lasts a minute a little more is tried after twenty minutes of calls, and not after half a minute', () => {
  const learned = newShare()
  refuse(learned, 1000, 60_000)
  assert.equal(callsFor(learned, 19 * 60_000), 8.93)
  assert.equal(callsFor(learned, 2 * 60_000), 9.31)
  const short = newShare()
  refuse(short, 1000, 1000)
  assert.equal(callsFor(short, 29_000), 13.3)
  assert.equal(callsFor(short, 2000), 13.68)
})

test('a refusal after a minute of calls without one takes a tenth of the share, and one soon after another three tenths', () => {
  const learned = newShare()
  refuse(learned, 1000, 5000)
  assert.equal(callsFor(learned, 61_000), 13.3)
  refuse(learned, 92_000, 5000)
  assert.equal(callsFor(learned, 1000), 11.97)
  refuse(learned, 99_000, 5000)
  assert.equal(callsFor(learned, 1000), 8.379)
})

test('after a refusal by chance the share returns within minutes of calls to what the platform took before, and no further', () => {
  const learned = newShare()
  refuse(learned, 1000, 60_000)
  assert.equal(callsFor(learned, 61_000), 8.93)
  refuse(learned, 130_000, 60_000)
  refuse(learned, 200_000, 60_000)
  assert.equal(callsFor(learned, 1000), 4.286)
  assert.equal(callsFor(learned, 60_000), 5.572)
  assert.equal(callsFor(learned, 60_000), 7.244)
  assert.equal(callsFor(learned, 60_000), 8.93)
  assert.equal(callsFor(learned, 600_000), 8.93)
})

test('if the way back is refused, the share before it is what the platform takes', () => {
  const learned = newShare()
  refuse(learned, 1000, 60_000)
  refuse(learned, 130_000, 60_000)
  assert.equal(callsFor(learned, 61_000), 6.965)
  refuse(learned, 200_000, 60_000)
  assert.equal(callsFor(learned, 600_000), 5.197)
})

test('an hour without calls proves nothing: the next refusal lowers the share as if the hour had not been', () => {
  const learned = newShare()
  refuse(learned, 1000, 1000)
  refuse(learned, 3_601_000, 1000)
  assert.equal(callsFor(learned, 1), 9.31)
})

test('refusals of calls that were under way when the platform closed count once', () => {
  const learned = newShare()
  for (const at of [1000, 1200, 3000, 60_000]) refuse(learned, at, 60_000)
  assert.equal(callsFor(learned, 1), 8.93)
})
