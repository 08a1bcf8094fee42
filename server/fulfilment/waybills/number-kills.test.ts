import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { labelBook, setBalance } from '../../../sandbox/world/labels.ts'
import { createRandom } from '../../../sandbox/world/random.ts'
import { waybillSources } from '../../carriers/index.ts'
import { connectors } from '../../connectors/index.ts'
import { openCall } from '../../shops/calls.ts'
import { aWaybillAccount, numbersSettled } from '../../testing/numbers/numbered.ts'
import { must } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { countNumbers } from './count.ts'
import { takeNumbers } from './take.ts'

/** `NUMBERS=500 NUMBER_KILLS=100 node --test …` measures a busy hour. */
const count = Number(process.env['NUMBERS'] ?? 40)
const kills = Number(process.env['NUMBER_KILLS'] ?? 3)
/** Milliseconds for which the simulator is silent before it closes the connection. */
const silence = count > 100 ? 60_000 : 1_000
const script = fileURLToPath(new URL('../../testing/numbers/number-worker.ts', import.meta.url))

describe('numbers while answers are lost and processes die', () => {
  let house: ShippingHouse
  let keys: string
  let key: string
  const children = new Set<ChildProcess>()
  before(async () => {
    house = await aShippingHouse()
    await aWaybillAccount(house)
    keys = join(mkdtempSync(join(tmpdir(), 'numbers-')), 'keys.json')
    const { number, seal, hash } = house.ring.current
    writeFileSync(
      keys,
      JSON.stringify({ keys: [{ number, seal: seal.toString('base64'), hash: hash.toString('base64') }] }),
    )
    key = house.sandbox.world.shops[0]?.key ?? assert.fail()
    setBalance(house.sandbox.world.labels, shop(), 'YTO', 1_000_000)
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await house[Symbol.asyncDispose]()
  })

  const shop = () => house.sandbox.world.shops[0] ?? assert.fail()
  const worker = async (unclear: string) => {
    const child = fork(script, [house.databaseUrl, keys, unclear], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    await new Promise((up) => void child.once('message', up))
    return child
  }
  const end = (child: ChildProcess) =>
    new Promise<void>((gone) => {
      child.once('exit', () => gone())
      child.kill('SIGKILL')
    })
  const released = async (some: number) => {
    const made: { id: string; tid: string }[] = []
    for (let one = 0; one < some; one += 1) made.push(await house.released())
    return made
  }
  const take = async (rows: readonly { id: string }[]) =>
    must(
      await house.run((tx) =>
        takeNumbers(
          tx,
          rows.map(({ id }) => id),
          by,
        ),
      ),
    )
  const slow = (ms: number) =>
    house.control('faults', { kind: 'slow', ms, shop: key, method: 'cainiao.waybill.*', count: 1_000_000 })
  const given = (tids: ReadonlySet<string>) =>
    labelBook(house.sandbox.world.labels, shop()).filter(({ tids: [tid = ''] }) => tids.has(tid))
  /** Throws unless each of these deliveries has one number, which the source gave to its trade. */
  const allHave = async (rows: readonly { id: string; tid: string }[]) => {
    const found = await sql<{ tid: string; no: string }>`
      select d.tid, d.waybill_no as no from delivery d join waybill w on w.delivery_id = d.id and w.state = 'taken'
        and w.waybill_no = d.waybill_no
      where d.id = any(${rows.map(({ id }) => id)}::bigint[])`.execute(house.db)
    const book = new Map(
      given(new Set(rows.map(({ tid }) => tid))).map(({ waybill, tids }) => [waybill, tids[0]]),
    )
    assert.equal(found.rows.length, rows.length)
    assert.ok(found.rows.every(({ tid, no }) => book.get(no) === tid))
  }

  test('many numbers come in time from a slow source that loses answers, each once', async (t) => {
    const rows = await released(count)
    house.sandbox.sandbox.board.faults = []
    const lost = { kind: 'timeout-after', ms: silence, shop: key, method: 'cainiao.waybill.ii.get' }
    await house.control('faults', { ...lost, count: 1, skip: 1 })
    await house.control('faults', { ...lost, count: 1_000_000, probability: 0.02 })
    await slow(500)
    const child = await worker('look_up')
    const began = performance.now()
    await take(rows)
    await numbersSettled(house, 60_000)
    const seconds = (performance.now() - began) / 1000
    await end(child)
    await allHave(rows)
    assert.equal(given(new Set(rows.map(({ tid }) => tid))).length, count)
    t.diagnostic(
      `${count} numbers in ${seconds.toFixed(1)} s, 500 ms a call, one call and 2 % of all without an answer`,
    )
    assert.ok(seconds <= 20, `${seconds} s`)
  })

  for (const unclear of ['look_up', 'same_number', 'neither'] as const)
    test(`kill -9 while numbers are taken loses none from a source of the kind ${unclear}`, async (t) => {
      house.sandbox.sandbox.board.faults = []
      await slow(300)
      await house.control('labels', { shop: key, mode: unclear })
      const opened = () =>
        openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
      await countNumbers(await opened())
      const random = createRandom(`kills ${unclear}`)
      const rows = await released(kills * 5)
      for (let round = 0; round < kills; round += 1) {
        const child = await worker(unclear)
        await take(rows.slice(round * 5, round * 5 + 5))
        await sleep(random.between(30, 600))
        await end(child)
        // The process that held these leases is dead; its lease would end by itself after a minute.
        await sql`update platform_action set lease_until = now() where lease_until is not null`.execute(
          house.db,
        )
      }
      const last = await worker(unclear)
      await numbersSettled(house, 60_000)
      await end(last)
      await allHave(rows)
      const book = given(new Set(rows.map(({ tid }) => tid)))
      const surplus = book.length - rows.length
      if (unclear !== 'neither') assert.equal(surplus, 0)
      await countNumbers(await opened())
      const counted = await sql<{ surplus: number; tids: string[] }>`
        select surplus, array(select d.tid from delivery d where d.id = any(delivery_ids)) as tids
        from waybill_count order by id desc limit 1`.execute(house.db)
      assert.equal(counted.rows[0]?.surplus, surplus)
      const doubled = [...Map.groupBy(book, ({ tids: [tid = ''] }) => tid)].filter(
        ([, some]) => some.length > 1,
      )
      for (const [tid] of doubled) assert.ok(counted.rows[0]?.tids.includes(tid), `${tid} is not named`)
      t.diagnostic(
        `${kills} kills, ${rows.length} numbers: 0 lost, ${surplus} surplus, ${doubled.length} deliveries named`,
      )
    })

  test('the sources of the registry say how an unclear answer is cleared', () => {
    assert.ok(
      waybillSources.every(({ unclear, lookUp }) => (unclear === 'look_up') === (lookUp !== undefined)),
    )
  })
})
