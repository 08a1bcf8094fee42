import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { createRandom } from '../sandbox/world/random.ts'
import { given } from './desk/desk-attempt.ts'
import { begin, type History, history, play, sideBySide } from './desk/desk-histories.ts'
import { demandSteps, saveWaveRules } from './desk/desk-parcels.ts'
import { type Desk, openDesk } from './desk/desk-place.ts'
import { comeToRest, deadlocks, platform, wrongAtTheDesk } from './desk/desk-rest.ts'
import { rowsOf } from './one-shop.ts'

// Random histories at the order desk. A history is one to four trades with their own goods, and what two to four users, a platform and
// tasks do with them at the same time. Several histories run side by side on one database, which is checked when a set of them has come to
// rest. DESK_SECONDS sets the duration, DESK_HISTORIES the number of histories instead. A failure prints the seed of its set; with it as
// DESK_SEED the same histories run first, but timing may differ. DESK_CONVERSION=off: users and tasks convert only refunds whose money was
// paid; on: all refunds; default: both in turn.

const abreast = 4
const ofSet = 40
/** The checker reads the whole database, so a long run changes to a new one from time to time. */
const setsOfHouse = 10
const wanted = Number(process.env.DESK_HISTORIES ?? Number.POSITIVE_INFINITY)
const seconds = Number(process.env.DESK_SECONDS ?? (wanted < Number.POSITIVE_INFINITY ? 86_400 : 9))
const conversion = process.env.DESK_CONVERSION
const seed = Number(process.env.DESK_SEED ?? Date.now() % 2 ** 31)
const tally = new Map<string, number>()

test(`whatever is done at the order desk at once, orders, stock, money and parcels agree (seed ${seed})`, {
  timeout: (seconds + 240) * 1000,
}, async (t) => {
  const end = Date.now() + seconds * 1000
  let [done, sets] = [0, 0]
  const goesOn = () => done < wanted && (sets === 0 || Date.now() < end)
  while (goesOn()) {
    await using desk = await openDesk(abreast * 4)
    await saveWaveRules(desk)
    for (let set = 0; set < setsOfHouse && goesOn(); set += 1) {
      const seedOfSet = seed + sets
      desk.conversion = conversion === 'on' || (conversion !== 'off' && seedOfSet % 2 === 0) ? 'on' : 'off'
      const histories = fc.sample(history, { seed: seedOfSet, numRuns: Math.min(ofSet, wanted - done) })
      assert.deepEqual(await wrongAfter(desk, seedOfSet, histories), [], `DESK_SEED=${seedOfSet}`)
      done += histories.length
      sets += 1
    }
    // All code locks rows in the same order, so there can be no deadlock.
    assert.equal(await deadlocks(desk), 0, `${given.up} transactions were given up`)
    await count(desk)
  }
  t.diagnostic(`${done} histories passed: ${[...tally].map(([what, n]) => `${n} ${what}`).join(', ')}`)
  // Histories without results would prove nothing.
  const few = [
    'parcels of several orders',
    'let through',
    'exchanges sent',
    'parcels claimed',
    'returns settled',
  ]
  for (const what of ['shipped', 'voided', ...(done < 400 ? [] : few)])
    assert.ok((tally.get(what) ?? 0) > 0, `none: ${what}`)
})

/** Returns the violations after these histories. */
async function wrongAfter(desk: Desk, seedOfSet: number, histories: readonly History[]) {
  const dice = createRandom(String(seedOfSet))
  let luck = () => dice.next()
  const outbox = platform(desk, () => luck())
  try {
    await demandSteps(desk, 0)
    const rounds = await begin(desk, histories)
    await demandSteps(desk, seedOfSet)
    await sideBySide(rounds, abreast, async (round, at) => {
      const one = histories[at]
      if (one) await play(desk, round, one)
    })
    // Without further failures, because open actions would otherwise be retried for minutes.
    luck = () => 0.9
    await comeToRest(desk)
  } finally {
    await outbox.stop()
  }
  return wrongAtTheDesk(desk)
}

async function count({ db }: Desk): Promise<void> {
  const rows = await rowsOf<{ what: string; n: number }>(
    db,
    sql`select status as what, count(*)::int as n from sales_order group by 1
        union all select 'parcels of several orders', count(*)::int
        from (select from delivery where status = 'shipped' group by parcel having count(parcel) > 1) p
        union all select 'returns ' || status, count(*)::int from return_order group by status
        union all select 'parcels ' || status, count(*)::int from unclaimed_parcel group by status
        union all select 'exchanges sent', count(*)::int from return_order where exchange_order_id is not null
        union all select 'let through', count(*)::int from refund_waiver
        union all select 'refunds ' || status, count(*)::int from staged_refund group by status
        union all select 'numbers ' || state, count(*)::int from waybill group by state
        union all select 'labels ' || state, count(*)::int from print_document group by state
        union all select 'deliveries of several packages ' || status, count(*)::int from delivery where package_count > 1 group by status
        union all select 'waves ' || status, count(*)::int from wave group by status
        union all select 'deliveries that left a wave: ' || left_reason, count(*)::int from wave_delivery where not live group by left_reason
        union all select 'scans: ' || kind, count(*)::int from station_scan group by kind
        union all select 'tracked: ' || state, count(*)::int from parcel_track group by state
        union all select 'reports ' || state, count(*)::int from platform_action where kind = 'refund.cancel' group by state`,
  )
  for (const { what, n } of rows) tally.set(what, (tally.get(what) ?? 0) + n)
}
