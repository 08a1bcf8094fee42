import { sql } from 'kysely'
import { aRefund, aTrade, stage, stageRefunds } from '../../server/intake/testing.ts'
import { parkItems } from '../../server/intake/trades/ingest.ts'
import { asksNothing } from '../../server/orders/gifts/gift-rules.ts'
import { receiptKind } from '../../server/returns/write-back/tell.ts'
import { aSku, putStock } from '../../server/testing/stock.ts'
import { returned } from './goods.ts'
import { by, fresh, named } from './office.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { listed, reason } from './rows.ts'
import type { PressHouse } from './seeds.ts'

/** Presses for rare actions: stopped batches, actions that a platform refused, shops and keys. */
export function rarePresses(house: PressHouse): Press[] {
  return [
    ...batchPresses(house),
    ...keyPresses(),
    ...connectPresses(house),
    ...againPresses(house),
    giftPress(house),
  ]
}

function batchPresses(house: PressHouse): Press[] {
  const { db, boss, staged } = house
  /** No worker runs, so the batch runs until it is stopped. */
  const running = async (): Promise<Seeded> => {
    const { id } = await staged()
    await boss.call('POST', '/api/batches', { action: 'trades.convert', target: { ids: [id] }, input: {} })
    return {
      id: await house.one(sql`select max(id)::text as is from batch`),
      no: await house.one(sql`select no as is from batch order by id desc limit 1`),
    }
  }
  const asked = async (): Promise<Seeded> => {
    const trade = aTrade()
    await stage(house.intake, trade)
    await stageRefunds(house.intake, aRefund(trade))
    return { id: '0' }
  }
  const refused = async (): Promise<Seeded> => {
    const one = await running()
    await sql`
      with told as (insert into batch_refusal (batch_id, id, code) select ${one.id}, max(id), 'refund_open' from staged_trade)
      update batch set state = 'done', done = 1, refused = 1, reasons = '{"refund_open": 1}', ended_at = now() where id = ${one.id}`.execute(
      db,
    )
    return one
  }
  const can = ['trades.read', 'trades.convert'] as const
  /** All rows of a list, from the head of the page, without a selection. */
  const whole = (list: string, kind: string, rights: Press['can'], seed: Press['seed']): Press => ({
    ...{ action: 'convert-all', path: 'POST /batches', can: rights, where: 'page', fill: sure, is: 1 },
    seed: async () => ({
      ...(await seed()),
      last: await house.one(sql`select coalesce(max(id), 0)::text as is from batch`),
    }),
    at: () => list,
    effect: ({ last }) =>
      sql`select count(*)::int as is from batch where id > ${last}::bigint and by_filter and action = ${kind}`,
    tells: (page) => page.getByText(/^B\d{6}-\d+/).first(),
  })
  return [
    whole('/staged-trades', 'trades.convert', can, () => staged()),
    whole('/staged-refunds', 'refunds.convert', ['refunds.read', 'refunds.convert'], asked),
    by('POST /batches/:id/stop', can, {
      seed: running,
      at: () => '/batches',
      button: async (page, { no = '' }) =>
        page
          .getByRole('grid')
          .locator('.list-row')
          .filter({ hasText: no })
          .getByRole('button', { name: '停止' }),
      effect: ({ id }) => sql`select state as is from batch where id = ${id}`,
      is: 'stopping',
    }),
    by('POST /batches/:id/retry', can, {
      seed: refused,
      at: ({ id }) => `/batches?open=${id}`,
      button: async (page) => page.getByRole('dialog').getByRole('button', { name: /重试/ }),
      effect: ({ id }) => sql`select count(*)::int as is from batch where retry_of = ${id}`,
      is: 1,
    }),
  ]
}

function keyPresses(): Press[] {
  return [
    {
      ...{ action: 'add', path: 'POST /api-keys', can: ['api_keys.write', 'orders.read'], seed: named },
      ...{ at: () => '/keys', where: 'page', is: 1 },
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('名称').fill(no)
        await dialog.getByLabel('看销售订单').check()
      },
      effect: ({ no }) => sql`select count(*)::int as is from api_key where name = ${no}`,
      tells: (page) => page.getByText('密钥，只显示这一次'),
    },
  ]
}

function connectPresses(house: PressHouse): Press[] {
  const { db } = house
  const can = ['shops.read', 'shops.write'] as const
  const keyless = async (): Promise<Seeded> => {
    const made = await sql<{ id: string }>`
      insert into shop (platform, variant, name) values ('taobao', 'tmall', ${fresh()}) returning id`.execute(
      db,
    )
    return { id: made.rows[0]?.id ?? '' }
  }
  const keyed = async (): Promise<Seeded> => {
    const one = await keyless()
    await house.boss.call('PUT', `/api/shops/${one.id}/credentials`, {
      appKey: '23451001',
      appSecret: '5f1c0d7a9e3b48d6a2c4e8f01b3d5a79',
    })
    return one
  }
  return [
    by('POST /shops', can, {
      seed: named,
      at: () => '/shops/connect',
      button: async (page, { no = '' }) => {
        await page.getByLabel('平台').selectOption({ label: '天猫' })
        await page.getByLabel('店铺名称').fill(no)
        await page.getByLabel('App Key').fill('23451001')
        await page.getByLabel('App Secret').fill('5f1c0d7a9e3b48d6a2c4e8f01b3d5a79')
        return page.getByRole('button', { name: '保存，下一步授权' })
      },
      effect: ({ no }) =>
        sql`select count(*)::int as is from shop where name = ${no} and credentials is not null`,
      is: 1,
    }),
    by('POST /relays', ['shops.read', 'api_keys.write', 'relays.serve'], {
      seed: named,
      at: () => '/shops/relays',
      button: async (page, { no = '' }) => {
        await page.getByRole('button', { name: '新增中继…' }).first().click()
        await page.getByLabel('名称，比如它在哪个云').fill(no)
        return page.getByRole('button', { name: '生成密钥' })
      },
      effect: ({ no }) =>
        sql`select count(*)::int as is from relay r join api_key k on k.id = r.key_id where r.name = ${no} and k.permissions = '{relays.serve}'`,
      is: 1,
      tells: (page) => page.getByText('中继的密钥，只显示这一次'),
    }),
    by('POST /relays/:id/key', ['shops.read', 'api_keys.write', 'relays.serve'], {
      seed: async () => {
        const no = fresh()
        await house.boss.call('POST', '/api/relays', { name: no })
        return { id: await house.one(sql`select id as is from relay where name = ${no}`), no }
      },
      at: () => '/shops/relays',
      button: async (page, { no = '' }) => {
        await page.getByRole('row').filter({ hasText: no }).getByRole('button', { name: '更换密钥…' }).click()
        return page.getByRole('button', { name: '更换密钥', exact: true })
      },
      effect: ({ id }) =>
        sql`select count(*)::int as is from relay r join api_key k on k.id = r.key_id
          where r.id = ${id} and k.revoked_at is null and exists (
            select from api_key old where old.name = k.name and old.revoked_at is not null)`,
      is: 1,
      tells: (page) => page.getByText('中继的密钥，只显示这一次'),
    }),
    by('DELETE /relays/:id', ['shops.read', 'api_keys.write', 'relays.serve'], {
      seed: async () => {
        const no = fresh()
        await house.boss.call('POST', '/api/relays', { name: no })
        return { id: await house.one(sql`select id as is from relay where name = ${no}`), no }
      },
      at: () => '/shops/relays',
      button: async (page, { no = '' }) =>
        page.getByRole('row').filter({ hasText: no }).getByRole('button', { name: /删除/ }),
      effect: ({ id }) => sql`select count(*)::int as is from relay where id = ${id}`,
      is: 0,
      fill: sure,
      tells: (page) => page.getByText('中继').first(),
    }),
    by('PUT /shops/:id/credentials', can, {
      seed: keyless,
      at: ({ id }) => `/shops/${id}`,
      button: async (page) => {
        await page.getByLabel('App Key').fill('23451001')
        await page.getByLabel('App Secret').fill('5f1c0d7a9e3b48d6a2c4e8f01b3d5a79')
        return page.getByRole('button', { name: '保存密钥' })
      },
      effect: ({ id }) => sql`select credentials is not null as is from shop where id = ${id}`,
      is: true,
      tells: (page) => page.locator('.toast'),
    }),
    by('POST /shops/:id/authorize', can, {
      seed: keyed,
      at: ({ id }) => `/shops/${id}`,
      button: async (page) => {
        await page.context().route('https://oauth.taobao.com/**', (route) => route.fulfill({ body: '' }))
        return page.getByRole('button', { name: '去平台授权' })
      },
      effect: ({ id }) =>
        sql`select count(*)::int as is from audit_log where action = 'shop.authorise_begin' and subject_id = ${id}`,
      is: 1,
      tells: (page) => page.getByText('授权链接'),
    }),
  ]
}

/** Presses that repeat what failed the first time. */
function againPresses(house: PressHouse): Press[] {
  const { db, boss, ring, run, shopId } = house
  const unread = async (): Promise<Seeded> => {
    const no = `29481057330009${fresh().replaceAll(/\D/g, '')}`
    const raw = example.replaceAll('TID', no)
    await run((tx) =>
      parkItems(tx, ring, {
        shopId,
        kind: 'trade',
        items: [{ kind: 'bad', id: no, reason: 'no lines', raw }],
      }),
    )
    return { id: await house.one(sql`select id as is from parked_item where platform_id = ${no}`), no }
  }
  const received = returned(house, {}, 'confirm', 'receive')
  const untold = async (): Promise<Seeded> => {
    const one = await received()
    await sql`
      with act as (
        insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, error, created_by)
        values (${shopId}, ${receiptKind}, 'return_order', ${one.id}, ${`press-${one.id}`}, '{}', 'failed', '平台不认', '{"kind": "system", "id": "", "name": ""}')
        returning id
      )
      update return_order set told = 'failed', action_id = act.id from act where return_order.id = ${one.id}`.execute(
      db,
    )
    return one
  }
  const upload = async (): Promise<Seeded> => {
    const code = `AG-${fresh()}`
    const skuId = await aSku(db, code)
    await putStock(db, house.warehouseId, skuId, 7)
    const found = await sql<{ id: string }>`
      with made as (
        insert into listing (shop_id, item_id, platform_sku_id, outer_sku_id, title, status, modified_at)
        values (${shopId}, ${code}, ${code}, ${code}, '四件套', 'on_sale', now()) returning id, item_id
      ) insert into stock_upload (id, shop_id, item_id, shop_on) select id, ${shopId}, item_id, true from made returning id`.execute(
      db,
    )
    const id = found.rows[0]?.id ?? ''
    await boss.call('POST', '/api/listings/match', { ids: [id], skuId })
    return { id }
  }
  return [
    rowsAt(({ no }) => `/parked-items?q=${no}`, 'trades.read')('/parked-items/retry', 'trades.download', {
      seed: unread,
      effect: ({ id }) => sql`select settled_at is not null as is from parked_item where id = ${id}`,
      is: true,
    }),
    rowsAt(listed('/returns'), 'returns.read')('/returns/tell-again', 'returns.receive', {
      seed: untold,
      effect: ({ id }) => sql`select told as is from return_order where id = ${id}`,
      is: 'waiting',
      fill: reason,
    }),
    rowsAt(listed('/stock-uploads'), 'inventory.read')('/stock-uploads/resync', 'inventory.upload', {
      seed: upload,
      effect: ({ id }) =>
        sql`select count(*)::int as is from audit_log where action = 'stock_upload.resync' and subject_id = ${id}`,
      is: 1,
    }),
  ]
}

/** A Taobao trade that an older version could not read. */
const example = `{"trade_fullinfo_get_response":{"trade":{"tid":TID,"tid_str":"TID","status":"WAIT_SELLER_SEND_GOODS","type":"fixed",
  "created":"2026-11-20 10:00:00","modified":"2026-11-20 10:05:00","pay_time":"2026-11-20 10:04:00","payment":"12.00","post_fee":"0.00",
  "orders":{"order":[{"oid":TID,"oid_str":"TID","num":1,"price":"12.00","payment":"12.00","title":"四件套",
  "status":"WAIT_SELLER_SEND_GOODS","refund_status":"NO_REFUND"}]}}}}`

/** The rule was added after the order and requires a greater amount than any other order here has. */
function giftPress(house: PressHouse): Press {
  const enough = 5_000_000
  const ungiven = async (): Promise<Seeded> => {
    const one = await house.order({ lines: [{ oid: 'o1', quantity: 1, paymentFen: enough }] })
    await putStock(house.db, house.warehouseId, await aSku(house.db, `GIFT-${one.id}`), 10)
    const { version } = Object((await house.boss.call('GET', '/api/gift-rules')).body)
    const rule = {
      ...asksNothing,
      name: '满赠',
      minFen: enough,
      gifts: [{ code: `GIFT-${one.id}`, quantity: 1, instead: '' }],
    }
    await house.boss.call('PUT', '/api/gift-rules', { rules: [rule], version })
    return one
  }
  return rowsAt(({ id }) => `/orders?tab=unconfirmed&ids=${id}`, 'orders.read')(
    '/orders/gifts',
    'orders.edit',
    {
      seed: ungiven,
      effect: ({ id }) => sql`select count(*)::int as is from order_line where order_id = ${id} and gift`,
      is: 1,
    },
  )
}
