import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { freePort } from '../server/testing/free-port.ts'
import { until } from '../server/testing/until.ts'
import { aMallHouse, type MallHouse } from './malls/mall-house.ts'

// The guide for a shop of one's own, followed to the letter: its documents are posted and its mall is run as the page has them.

const page = readFileSync(new URL('../docs/own-shop.md', import.meta.url), 'utf8')
const block = (name: string): string =>
  new RegExp(`\`\`\`\\w+ ${name.replace('.', '\\.')}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ??
  assert.fail(name)

const secret = 'a-secret-of-the-merchant'
const said: { event: string; data: Record<string, unknown> }[] = []
let it: MallHouse
let mall: ReturnType<typeof spawn>
before(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sanyi-guide-')), 'receiver.mjs')
  writeFileSync(file, block('receiver.mjs'))
  const port = await freePort()
  mall = spawn(process.execPath, [file], {
    env: { PORT: String(port), SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  mall.stdout?.on('data', (text) => {
    for (const line of String(text).trim().split('\n')) said.push(JSON.parse(line))
  })
  await until(() =>
    fetch(`http://127.0.0.1:${port}`).then(
      () => true,
      () => false,
    ),
  )
  it = await aMallHouse({ webhookUrl: `http://127.0.0.1:${port}`, webhookSecret: secret })
})
after(async () => {
  await it[Symbol.asyncDispose]()
  mall.kill()
  await once(mall, 'exit')
})

test('checking the shop pings the mall, which takes our signature and says its name', async () => {
  assert.deepEqual(said, [{ event: 'ping', data: {} }])
  const shops = await sql<{ nick: string }>`select seller_nick as nick from shop`.execute(it.house.db)
  assert.deepEqual(shops.rows, [{ nick: '山隅官方商城' }])
})

test('the trade of the guide is taken as the guide says, and again without an effect', async () => {
  const posted = () => it.mall.call('POST', `${it.path}/trades`, JSON.parse(block('trades')))
  assert.deepEqual((await posted()).body, JSON.parse(block('stored')))
  const [again] = Object((await posted()).body).results
  assert.deepEqual([again.outcome, again.code], ['unchanged', ''])
})

test('its parcel is told once, with the waybill and the pieces', async () => {
  const { waybillNo } = await it.ship('M20261124000001')
  await it.outbox()
  assert.deepEqual(said.slice(1), [
    {
      event: 'trade.shipped',
      data: {
        ...{ tid: 'M20261124000001', oids: [], courier: 'SF', courierName: '顺丰速运', waybillNo },
        goods: [{ oid: 'M20261124000001-1', quantity: 1 }],
        serials: [],
      },
    },
  ])
})

test('the refund of the guide is taken, and is of the line of the trade', async () => {
  const { body } = await it.mall.call('POST', `${it.path}/refunds`, JSON.parse(block('refunds')))
  assert.equal(Object(body).results[0].outcome, 'stored')
  await until(async () => (await sql`select from staged_refund`.execute(it.house.db)).rows.length === 1)
  const refunds = await sql<{ no: string; oid: string; status: string; fen: string }>`
    select refund_no as no, oid, status, amount_fen::text as fen from staged_refund`.execute(it.house.db)
  assert.deepEqual(refunds.rows, [
    { no: 'R20261124000001', oid: 'M20261124000001-1', status: 'applied', fen: '25000' },
  ])
})
