import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { designatedFacets } from '../../orders/order/facets.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { must } from '../../testing/run.ts'
import { byPacker as by, deliveryOf } from '../../testing/shipping.ts'
import { aWarehouse } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { releaseOrders } from '../shipping/release.ts'
import { saveAccount } from './accounts.ts'
import { outlook } from './outlook.ts'
import type { WaybillDryRun, WaybillRules } from './rule-contract.ts'
import { takeNumbers } from './take.ts'

describe('rules for waybill numbers', () => {
  let house: TestApp
  let boss: Caller
  let keeper: Caller
  let taobao: string
  let pdd: string
  let warehouseId: string
  let otherPlace: string
  const account = { yto: '', sf: '', pdd: '' }
  before(async () => {
    house = await testApp()
    await createQueues(house.db, jobs)
    boss = await house.as(['fulfilment.read', 'orders.rules'])
    keeper = await house.as(['fulfilment.read'])
    taobao = await aShop(house.db)
    pdd = await aShop(house.db)
    await sql`update shop set platform = 'pinduoduo', variant = 'pinduoduo' where id = ${pdd}`.execute(
      house.db,
    )
    warehouseId = await aWarehouse(house.db, 1)
    otherPlace = await aWarehouse(house.db, 2)
    account.yto = await anAccount({ shopId: taobao, source: 'cainiao', courier: 'YTO' })
    account.sf = await anAccount({ shopId: taobao, source: 'cainiao', courier: 'SF' })
    account.pdd = await anAccount({ shopId: pdd, source: 'pinduoduo', courier: 'ZTO' })
  })
  beforeEach(async () => {
    await sql`delete from waybill_rule`.execute(house.db)
    await sql`delete from waybill_rules`.execute(house.db)
    await sql`update delivery set waybill_no = 'X' || id, courier = 'EMS' where standing = 'number'`.execute(
      house.db,
    )
  })
  after(() => house[Symbol.asyncDispose]())

  const anAccount = (of: { shopId: string; source: string; courier: string }) =>
    house.db.transaction().execute((tx) =>
      saveAccount(
        tx,
        { ring: house.ring },
        {
          ...{ ...of, branchCode: '', branchName: '' },
          sender: {
            ...{ name: '发货员', mobile: '13900001111', phone: '' },
            address: { province: '浙江省', city: '杭州市', district: '余杭区', town: '', detail: '1 号' },
          },
          ...{ templateName: '', templateUrl: 'http://127.0.0.1/1', warehouseId: null, enabled: true },
        },
        by,
      ),
    )
  /** Makes a released order. Returns its delivery and its number. */
  const waits = async (more: { shopId?: string; courier?: string; place?: string; own?: boolean } = {}) => {
    const { shopId = taobao, courier = '', place = warehouseId, own = false } = more
    const order = await anOrder(house.db, { shopId, status: 'confirmed' })
    await sql`
      update sales_order set courier = ${courier}, warehouse_id = ${place}, origin = ${own ? 'manual' : 'trade'}
      where id = ${order.id}`.execute(house.db)
    must(await house.db.transaction().execute((tx) => releaseOrders(tx, [order.id], by)))
    return { ...order, delivery: await deliveryOf(house.db, order.id) }
  }
  const rule = (accountId: string, more: object = {}) => ({
    ...{ platform: '', courier: '', warehouseId: null, accountId, enabled: true },
    ...more,
  })
  const read = async () => (await keeper.call('GET', '/api/waybill-rules')).body as WaybillRules
  const save = async (...rules: object[]) =>
    boss.call('PUT', '/api/waybill-rules', { rules, version: (await read()).version })
  const tried = async (body: object, who = keeper) => {
    const answer = await who.call('POST', '/api/waybill-rules/dry-run', body)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body as WaybillDryRun
  }
  const chosen = async (delivery: string) => {
    await house.db.transaction().execute((tx) => takeNumbers(tx, [delivery], by))
    const found = await sql<{ account: string; courier: string }>`
      select account_id as account, courier from waybill where delivery_id = ${delivery}`.execute(house.db)
    return found.rows
  }

  test('the first rule that fits gives account and courier; without one the choice is as it was', async () => {
    const [far, near] = [await waits({ place: otherPlace }), await waits()]
    assert.equal((await save(rule(account.sf, { platform: 'taobao', warehouseId: otherPlace }))).status, 204)
    assert.deepEqual([...(await outlook(house.db, wholeScope)).counts].toSorted(), [
      [account.yto, 1],
      [account.sf, 1],
    ])
    assert.deepEqual(await chosen(far.delivery), [{ account: account.sf, courier: 'SF' }])
    assert.deepEqual(await chosen(near.delivery), [{ account: account.yto, courier: 'YTO' }])
  })

  test('an own order that goes along with a trade does not stop its number: the trade decides the account', async () => {
    const [trade, own] = [await waits(), await waits({ own: true, courier: 'EMS' })]
    const answers = await house.db.transaction().execute((tx) => takeNumbers(tx, [own.delivery], by))
    assert.deepEqual(
      answers.map((one) => (one.done ? 'done' : one.code)),
      ['no_courier_account'],
      'alone it has no account',
    )
    await sql`
      with one as (update sales_order set parcel = 77 where id in (${trade.id}, ${own.id}) returning id),
        members as (insert into parcel_order (parcel, order_id) select 77, id from one)
      update delivery set parcel = 77, beside = id = ${own.delivery} where id in (${trade.delivery}, ${own.delivery})`.execute(
      house.db,
    )
    assert.deepEqual([...(await outlook(house.db, wholeScope)).counts], [[account.yto, 1]])
    assert.deepEqual(await chosen(own.delivery), [])
    assert.deepEqual(await chosen(trade.delivery), [{ account: account.yto, courier: 'YTO' }])
  })

  test('the history of an order says which rule chose its account, or that none did', async () => {
    await sql`update waybill_account set branch_name = '余杭网点' where id = ${account.sf}`.execute(house.db)
    const [far, near] = [await waits({ place: otherPlace }), await waits()]
    const rules = [rule(account.pdd), rule(account.sf, { warehouseId: otherPlace })]
    assert.equal((await save(...rules)).status, 204)
    const history = async ({ id, delivery }: { id: string; delivery: string }) => {
      await chosen(delivery)
      const found = await sql<{ detail: unknown }>`
        select detail from order_event where order_id = ${id} and event = 'number_asked'`.execute(house.db)
      return found.rows.map(({ detail }) => detail)
    }
    assert.deepEqual(await history(far), [{ courier: 'SF', account: '余杭网点', numberRule: 2 }])
    assert.deepEqual(await history(near), [{ courier: 'YTO', account: '', numberRule: 0 }])
  })

  test('what the order asks for is never overruled, and no account prints a label of another platform', async () => {
    assert.equal((await save(rule(account.pdd), rule(account.sf))).status, 204)
    const [asked, masked, own, theirs] = [
      await waits({ courier: 'YTO' }),
      await waits(),
      await waits({ own: true }),
      await waits({ shopId: pdd }),
    ]
    assert.deepEqual(await chosen(asked.delivery), [{ account: account.yto, courier: 'YTO' }])
    assert.deepEqual(await chosen(masked.delivery), [{ account: account.sf, courier: 'SF' }])
    assert.deepEqual(await chosen(own.delivery), [{ account: account.pdd, courier: 'ZTO' }])
    assert.deepEqual(await chosen(theirs.delivery), [{ account: account.pdd, courier: 'ZTO' }])
  })

  test('a number comes from a designated courier only, until a person chooses another', async () => {
    assert.equal((await save(rule(account.yto))).status, 204)
    const [toSf, toEms, chosenYto] = [
      await waits(),
      await waits({ courier: 'YTO' }),
      await waits({ courier: 'YTO' }),
    ]
    const designate = (id: string, code: 'SF' | 'EMS', byHand = false) =>
      sql`update sales_order set facets = facets || ${designatedFacets([code])}::int[], courier_by_hand = ${byHand} where id = ${id}`.execute(
        house.db,
      )
    await designate(toSf.id, 'SF')
    await designate(toEms.id, 'EMS')
    await designate(chosenYto.id, 'EMS', true)
    assert.deepEqual((await outlook(house.db, wholeScope)).refused, [
      {
        code: 'designated_courier',
        message: {
          zh: '平台指定了EMS，没有它的电子面单账号能取，或订单选了别的快递。加账号，或人工改快递',
          en: 'The platform designates EMS; no waybill account gives it, or the order asks for another. Add one, or choose the courier by hand',
        },
        count: 1,
      },
    ])
    assert.deepEqual(await chosen(toSf.delivery), [{ account: account.sf, courier: 'SF' }])
    assert.deepEqual(await chosen(toEms.delivery), [])
    assert.deepEqual(await chosen(chosenYto.delivery), [{ account: account.yto, courier: 'YTO' }])
  })

  test('a rule that could never decide is refused on saving, with its reason', async () => {
    const refused = async (...rules: object[]) => {
      const { status, body } = await save(...rules)
      const { code, message, field } = Object(body)
      return { status, code, message, field }
    }
    assert.deepEqual(await refused(rule(account.sf), rule(account.yto, { platform: 'pinduoduo' })), {
      ...{ status: 409, code: 'rule_source', field: 'rules.1' },
      message: '第 2 条：账号取不了这种单：平台的收件人只有平台自己的电子面单能打，自建单有的平台不给号',
    })
    const code = async (...rules: object[]) => (await refused(...rules)).code
    assert.equal(await code(rule(account.yto, { courier: 'SF' })), 'rule_courier')
    assert.equal(await code(rule('999999')), 'rule_no_account')
    assert.equal(await code(rule(account.yto), rule(account.yto, { platform: 'own' })), 'rule_hidden')
    assert.equal(await code(rule(account.yto, { platform: 'nowhere' })), 'invalid_input')
    assert.equal(await code(rule(account.yto, { warehouseId: '999999' })), 'invalid_input')
    assert.deepEqual((await read()).rules, [])
  })

  test('two people who change the rules at once do not undo each other; who sees some shops only cannot save', async () => {
    assert.equal((await boss.call('PUT', '/api/waybill-rules', { rules: [], version: 0 })).status, 204)
    const late = await boss.call('PUT', '/api/waybill-rules', { rules: [rule(account.sf)], version: 0 })
    assert.deepEqual([late.status, Object(late.body).code], [409, 'conflict'])
    const narrow = await house.as(['fulfilment.read', 'orders.rules'], [pdd])
    const outside = await narrow.call('PUT', '/api/waybill-rules', { rules: [], version: 1 })
    assert.deepEqual([outside.status, Object(outside.body).code], [403, 'outside_scope'])
    const shown = Object((await narrow.call('GET', '/api/waybill-rules')).body) as WaybillRules
    assert.deepEqual(
      shown.accounts.map(({ id }) => id),
      [account.pdd],
    )
    const told = await sql<{ action: string }>`
      select action from audit_log where subject_type = 'waybill_rules'`.execute(house.db)
    assert.deepEqual(
      told.rows.map(({ action }) => action),
      Array(told.rows.length).fill('waybill_rules.save'),
    )
  })

  test('a dry run says what unsaved rules would choose, and why; it changes nothing', async () => {
    const [one, other] = [await waits(), await waits({ courier: 'EMS', place: otherPlace })]
    const rules = [rule(account.pdd), rule(account.sf, { warehouseId: warehouseId })]
    const run = await tried({ rules })
    assert.deepEqual([run.seen, run.capped, run.changing], [2, false, 1])
    assert.deepEqual(run.byRule, [
      { rule: 0, count: 1 },
      { rule: 2, count: 1 },
    ])
    assert.deepEqual(run.byAccount, [{ accountId: account.sf, courier: 'SF', source: 'cainiao', count: 1 }])
    assert.deepEqual(
      run.refused.map(({ code, count }) => [code, count]),
      [['no_courier_account', 1]],
    )
    const [first, second] = run.rows
    assert.deepEqual(
      [first?.orderNo, first?.rule, first?.accountId, first?.why, first?.passed],
      [one.no, 2, account.sf, null, [{ rule: 1, miss: 'source' }]],
    )
    assert.deepEqual(
      [second?.orderNo, second?.rule, second?.accountId, second?.passed],
      [
        other.no,
        0,
        null,
        [
          { rule: 1, miss: 'courier' },
          { rule: 2, miss: 'warehouse' },
        ],
      ],
    )
    assert.deepEqual((await read()).rules, [])
    assert.deepEqual((await tried({})).changing, 0)
  })

  test('one order is tried by its number, its trade’s or its delivery’s, also before it is released', async () => {
    const released = await waits()
    const early = await anOrder(house.db, { shopId: taobao })
    const { rows } = await sql<{ no: string }>`
      select no from delivery where id = ${released.delivery}`.execute(house.db)
    for (const number of [released.no.toLowerCase(), released.tid, rows[0]?.no ?? '', early.no]) {
      const run = await tried({ number })
      assert.deepEqual([run.seen, run.rows[0]?.accountId], [1, account.yto], number)
    }
    assert.equal((await tried({ number: 'SO1' })).seen, 0)
    const other = await house.as(['fulfilment.read'], [pdd])
    assert.equal((await tried({ number: released.no }, other)).seen, 0)
    assert.equal((await tried({}, other)).seen, 0)
  })
})
