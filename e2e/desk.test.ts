import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { createRandom } from '../sandbox/world/random.ts'
import { command, given, perform } from './desk-commands.ts'
import { aRound, comeToRest, type Desk, deadlocks, openDesk, platform, wrongAtTheDesk } from './desk-place.ts'
import { rowsOf } from './one-shop.ts'

// Everything that is done at the order desk, at once, on few orders of few goods. DESK_SECONDS makes it longer, DESK_SEED
// repeats one: a failure prints both the seed and the path to its round.

const connections = 10
const seconds = Number(process.env.DESK_SECONDS ?? 15)
const seed = Number(process.env.DESK_SEED ?? Date.now() % 2 ** 31)

let desk: Desk
before(async () => {
  desk = await openDesk(connections)
})
after(() => desk[Symbol.asyncDispose]())

test(`whatever is done at the order desk at once, orders, stock, money and parcels agree (seed ${seed})`, async (t) => {
  let rounds = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(command, { minLength: 6, maxLength: 16 }), {
        minLength: connections,
        maxLength: connections,
      }),
      fc.integer(),
      async (perConnection, luck) => {
        rounds += 1
        const round = await aRound(desk)
        const dice = createRandom(String(luck))
        const outbox = platform(desk, () => dice.next())
        try {
          await perform(desk, round, { do: 'convert', trades: [0, 1, 2, 3, 4, 5] })
          const lanes = perConnection.map(async (commands) => {
            for (const one of commands) await perform(desk, round, one)
          })
          // All of them end before the first failure is told, so that it is told alone.
          const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected')
          if (failed) throw failed.reason
          await comeToRest(desk)
        } finally {
          await outbox.stop()
        }
        assert.deepEqual(await wrongAtTheDesk(desk), [])
      },
    ),
    {
      seed,
      numRuns: 10_000,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
      endOnFailure: true,
    },
  )
  // Whoever locks in order never waits in a circle.
  assert.equal(await deadlocks(desk), 0, `${given.up} transactions were given up`)
  const tally = await rowsOf<{ status: string; n: number }>(
    desk.db,
    sql`select status, count(*)::int as n from sales_order group by 1 order by 1`,
  )
  t.diagnostic(`${rounds} rounds; ${tally.map(({ status, n }) => `${n} ${status}`).join(', ')}`)
  // Rounds in which nothing got anywhere would prove nothing.
  const together = await rowsOf<{ n: number }>(
    desk.db,
    sql`select count(*)::int as n from (select parcel from delivery where status = 'shipped' group by parcel having count(parcel) > 1) p`,
  )
  t.diagnostic(`${together[0]?.n} parcels of several orders left`)
  for (const status of ['shipped', 'voided'])
    assert.ok((tally.find((row) => row.status === status)?.n ?? 0) > 0, `none is ${status}`)
})
