import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { branchAddress, labelBook, servicesOf } from '../../../sandbox/world/labels.ts'
import { AppError } from '../../errors.ts'
import { editOrders, type OrderEdit } from '../../orders/review/edit.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { type AccountInput, saveAccount } from './accounts.ts'
import { takeNumbers } from './take.ts'

describe('delivery to the door and insurance', () => {
  let shipping: ShippingHouse
  before(async () => {
    shipping = await aShippingHouse()
  })
  after(() => shipping[Symbol.asyncDispose]())

  const shop = () => shipping.sandbox.world.shops[0] ?? assert.fail()
  const account = (more: Partial<AccountInput> = {}) =>
    shipping.run((tx) =>
      saveAccount(
        tx,
        shipping,
        {
          ...{
            shopId: shipping.shopId,
            source: 'cainiao',
            courier: 'YTO',
            branchCode: '',
            branchName: '余杭',
          },
          sender: {
            ...{ name: '发货员', mobile: '13900001111', phone: '' },
            address: { ...branchAddress(shop()), town: '' },
          },
          ...{ templateName: '一联单', templateUrl: 'http://cloudprint.cainiao.com/template/standard/101/1' },
          services: servicesOf('YTO').map(([code, name]) => ({ code, name })),
          ...{ warehouseId: null, enabled: true },
          ...more,
        },
        by,
      ),
    )
  const edit = (id: string, services: OrderEdit['services']) =>
    shipping.run((tx) => editOrders(tx, shipping.ring, [{ id, services }], by)).then(codes)
  const take = (...ids: string[]) => shipping.run((tx) => takeNumbers(tx, ids, by)).then(codes)
  /** Takes a number for each and returns the services that the platform was told of, by trade. */
  const told = async (parcels: readonly { id: string; tid: string }[]) => {
    const outbox = shipping.outbox()
    await until(
      async () =>
        (await sql`select from waybill where state = 'asked'`.execute(shipping.db)).rows.length === 0,
    )
    await outbox.stop()
    return parcels.map(({ tid }) => {
      const [label, ...others] = labelBook(shipping.sandbox.world.labels, shop()).filter(({ tids }) =>
        tids.includes(tid),
      )
      assert.deepEqual(others, [])
      return label && (label.services === '' ? null : JSON.parse(label.services))
    })
  }
  const value = async (orderId: string) => {
    const found = await sql<{ yuan: string }>`
      select to_char(payment_fen / 100.0, 'FM9999990.00') as yuan from sales_order where id = ${orderId}`.execute(
      shipping.db,
    )
    return found.rows[0]?.yuan ?? ''
  }

  test('what the platform promises and what a person says goes along, and nothing else does', async () => {
    await account()
    const [plain, promised, insured] = [
      await shipping.released(),
      await shipping.released({ toDoor: true }),
      await shipping.released(),
    ]
    assert.deepEqual(await edit(insured.orderId, { insuredFen: 88_800 }), ['done'])
    assert.deepEqual(await edit(insured.orderId, { insuredFen: 88_800 }), ['already'])
    assert.deepEqual(await take(plain.id, promised.id, insured.id), ['done', 'done', 'done'])
    assert.deepEqual(await told([plain, promised, insured]), [
      null,
      { 'SVC-TO-DOOR': {} },
      { 'SVC-INSURE': { value: '888.00' } },
    ])
    const events = await sql<{ detail: unknown }>`
      select detail from order_event where order_id = ${insured.orderId} and event = 'edit_services'`.execute(
      shipping.db,
    )
    assert.deepEqual(events.rows, [{ detail: { toDoor: false, insuredFen: 88_800 } }])
  })

  test('an account insures from a value on, for at most another, unless a person says otherwise', async () => {
    await account({ insureFromFen: 1, insureMostFen: 100 })
    const [capped, refused] = [await shipping.released(), await shipping.released()]
    assert.deepEqual(await edit(refused.orderId, { insuredFen: 0 }), ['done'])
    await take(capped.id, refused.id)
    assert.deepEqual(await told([capped, refused]), [{ 'SVC-INSURE': { value: '1.00' } }, null])
    await account({ insureFromFen: 1 })
    const whole = await shipping.released()
    await take(whole.id)
    assert.deepEqual(await told([whole]), [{ 'SVC-INSURE': { value: await value(whole.orderId) } }])
    await account({ insureFromFen: 1e9 })
    const small = await shipping.released()
    await take(small.id)
    assert.deepEqual(await told([small]), [null])
  })

  test('an account without the service gives no number and says so, and takes the order once it is off', async () => {
    await account({ services: [], insureMostFen: null })
    const [promised, insured] = [await shipping.released({ toDoor: true }), await shipping.released()]
    await edit(insured.orderId, { insuredFen: 100 })
    assert.deepEqual(await take(promised.id, insured.id), ['no_door_service', 'no_insurance'])
    await account({ insureMostFen: 99 })
    assert.deepEqual(await take(insured.id), ['no_insurance'])
    await edit(promised.orderId, { toDoor: false })
    await edit(insured.orderId, { insuredFen: 99 })
    assert.deepEqual(await take(promised.id, insured.id), ['done', 'done'])
    assert.deepEqual(await told([promised, insured]), [null, { 'SVC-INSURE': { value: '0.99' } }])
  })

  test('an account without insurance cannot be told to insure', async () => {
    await assert.rejects(
      account({ services: [], insureFromFen: 100 }),
      (error) => error instanceof AppError && error.field === 'insureFromFen',
    )
  })
})
