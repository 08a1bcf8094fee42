import { sql } from 'kysely'
import { aSku, putStock } from '../../server/testing/stock.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { is, listed, numbers, opened, reason } from './rows.ts'
import type { PressHouse } from './seeds.ts'

export function restPresses(house: PressHouse): Press[] {
  return [
    ...financePresses(house),
    ...catalogPresses(house),
    ...stockPresses(house),
    ...uploadPresses(house),
    ...returnPresses(house),
    ...aftersalePresses(house),
  ]
}

const fresh = numbers('', 6)

function financePresses(house: PressHouse): Press[] {
  const { boss, confirmed, order, shopId } = house
  const draft = async (): Promise<Seeded> => {
    const one = await confirmed()
    return { id: await house.one(sql`select id as is from settlement where order_id = ${one.id}`) }
  }
  const after =
    (...verbs: string[]) =>
    async () => {
      const one = await draft()
      for (const verb of verbs)
        await boss.call('POST', `/api/settlements/${verb}`, {
          ids: [one.id],
          ...(verb === 'void' ? { reason: '错了' } : {}),
        })
      return one
    }
  const row = rowsAt(listed('/settlements'), 'finance.read')
  const status = is('settlement', 'status')
  const extra = async (): Promise<Seeded> => {
    const one = await order()
    const input = { orderId: one.id, kind: 'compensation', amountFen: 100, reason: '补偿' }
    await boss.call('POST', '/api/extra-refunds', input)
    return {
      id: await house.one(sql`select id as is from extra_refund where order_id = ${one.id}`),
      no: one.no ?? '',
    }
  }
  const extras = rowsAt(() => '/extra-refunds?tab=draft', 'refunds.read')
  const billed = async (): Promise<Seeded> => {
    const no = `66${fresh()}000000`
    const bill = `流水号,订单号,时间,金额\nB${no},${no},2026-11-20 10:00:00,1`
    await boss.call('POST', '/api/bills/import', { shopId, file: Buffer.from(bill).toString('base64') })
    return { id: await house.one(sql`select id as is from bill_trade where tid = ${no}`), no }
  }
  const explained = async () => {
    const one = await billed()
    await boss.call('POST', '/api/bill-trades/explain', { ids: [one.id], reason: '线下补差' })
    return one
  }
  const bills = rowsAt(({ no }) => `/bill-trades?tab=all&q=${no}`, 'finance.read')
  return [
    row('/settlements/approve', 'finance.approve', {
      seed: draft,
      effect: status,
      is: 'approved',
      not: { seed: after('approve'), says: /审批/ },
    }),
    row('/settlements/post', 'finance.post', {
      seed: after('approve'),
      effect: status,
      is: 'posted',
      fill: sure,
      not: { seed: draft, says: /审批/ },
    }),
    row('/settlements/settle', 'finance.post', {
      seed: after('approve', 'post'),
      effect: status,
      is: 'settled',
      fill: sure,
    }),
    row('/settlements/unapprove', 'finance.approve', {
      seed: after('approve'),
      effect: status,
      is: 'draft',
      fill: sure,
    }),
    row('/settlements/void', 'finance.approve', { seed: draft, effect: status, is: 'voided', fill: reason }),
    row('/settlements/revive', 'finance.approve', {
      seed: after('void'),
      effect: status,
      is: 'draft',
      fill: sure,
    }),
    extras('/extra-refunds/approve', 'refunds.extra_approve', {
      seed: extra,
      effect: is('extra_refund', 'status'),
      is: 'approved',
      fill: sure,
    }),
    extras('/extra-refunds/void', 'refunds.extra', {
      seed: extra,
      effect: is('extra_refund', 'status'),
      is: 'voided',
      fill: sure,
    }),
    bills('/bill-trades/explain', 'finance.reconcile', {
      seed: billed,
      effect: is('bill_trade', 'standing'),
      is: 'explained',
      fill: reason,
    }),
    bills('/bill-trades/reopen', 'finance.reconcile', {
      seed: explained,
      effect: is('bill_trade', 'explained_why'),
      is: '',
    }),
  ]
}

function catalogPresses(house: PressHouse): Press[] {
  const { db, boss, shopId } = house
  const sku = async (): Promise<Seeded> => {
    const code = `P-${fresh()}`
    await boss.call('POST', '/api/skus', { rows: [{ code, name: '四件套', spec: '雾蓝' }] })
    return { id: await house.one(sql`select id as is from sku where code = ${code}`), no: code }
  }
  const retired = async () => {
    const one = await sku()
    await boss.call('POST', '/api/skus/retire', { ids: [one.id] })
    return one
  }
  const listing = async (): Promise<Seeded> => {
    const { no = '', id: skuId } = await sku()
    const found = await sql<{ id: string }>`
      insert into listing (shop_id, item_id, platform_sku_id, outer_sku_id, title, status, modified_at)
      values (${shopId}, ${`9${fresh()}`}, ${`9${fresh()}`}, ${no}, '四件套', 'on_sale', now()) returning id`.execute(
      db,
    )
    return { id: found.rows[0]?.id ?? '', code: no, skuId }
  }
  const matched = async () => {
    const one = await listing()
    await boss.call('POST', '/api/listings/match', { ids: [one.id], skuId: one['skuId'] })
    return one
  }
  const skus = rowsAt(listed('/products'), 'catalog.read')
  const listings = rowsAt(listed('/listings'), 'catalog.read')
  const has = ({ id }: Seeded) =>
    sql<{ is: unknown }>`select sku_id is not null as is from listing where id = ${id}`
  return [
    skus('/skus/retire', 'catalog.write', {
      seed: sku,
      effect: is('sku', 'active'),
      is: false,
      fill: sure,
      not: { seed: retired, says: /已停用/ },
    }),
    skus('/skus/revive', 'catalog.write', {
      seed: retired,
      effect: is('sku', 'active'),
      is: true,
      not: { seed: sku, says: /在用/ },
    }),
    listings('/listings/match', 'catalog.write', {
      seed: listing,
      effect: has,
      is: true,
      fill: async (dialog, _page, { code = '' }) => {
        const box = dialog.getByRole('combobox')
        await box.fill(code)
        await dialog
          .locator('[role="option"][aria-selected="true"]')
          .filter({ hasText: code })
          .waitFor({ state: 'attached' })
        await box.press('ArrowDown')
      },
    }),
    listings('/listings/match-again', 'catalog.write', { seed: listing, effect: has, is: true }),
    listings('/listings/unmatch', 'catalog.write', {
      seed: matched,
      effect: has,
      is: false,
      not: { seed: listing, says: /没有匹配/ },
    }),
  ]
}

function stockPresses(house: PressHouse): Press[] {
  const { db, boss, warehouseId } = house
  const document =
    (more: object = {}, ...verbs: string[]) =>
    async (): Promise<Seeded> => {
      const code = `D-${fresh()}`
      await putStock(db, warehouseId, await aSku(db, code), 100)
      const lines = [{ skuCode: code, quantity: 5 }]
      const { body } = await boss.call('POST', '/api/stock-documents', {
        kind: 'adjustment',
        warehouseId,
        lines,
        ...more,
      })
      const id = String(Object(body).id)
      for (const verb of verbs) await boss.call('POST', `/api/stock-documents/${verb}`, { ids: [id] })
      return { id }
    }
  const lock = { kind: 'lock', lockKind: 'normal' }
  const row = rowsAt(opened('/stock-documents'), 'inventory.read')
  const status = is('stock_document', 'status')
  const here = { where: 'drawer' } as const
  return [
    row('/stock-documents/approve', 'inventory.approve', {
      seed: document(),
      effect: status,
      is: 'approved',
      ...here,
    }),
    row('/stock-documents/post', 'inventory.write', {
      seed: document({}, 'approve'),
      effect: status,
      is: 'posted',
      ...here,
      fill: sure,
    }),
    row('/stock-documents/void', 'inventory.write', {
      seed: document(),
      effect: status,
      is: 'voided',
      ...here,
      fill: sure,
    }),
    row('/stock-documents/release', 'inventory.write', {
      seed: document(lock, 'approve', 'post'),
      effect: ({ id }) => sql`select released_at is not null as is from stock_document where id = ${id}`,
      is: true,
      ...here,
      fill: sure,
    }),
  ]
}

function uploadPresses(house: PressHouse): Press[] {
  const { db, shopId } = house
  const upload =
    (paused = false) =>
    async (): Promise<Seeded> => {
      const found = await sql<{ id: string }>`
      with made as (
        insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at)
        values (${shopId}, ${`8${fresh()}`}, ${`8${fresh()}`}, '四件套', 'on_sale', now()) returning id, item_id
      ) insert into stock_upload (id, shop_id, item_id, paused, shop_on) select id, ${shopId}, item_id, ${paused}, true from made returning id`.execute(
        db,
      )
      return { id: found.rows[0]?.id ?? '' }
    }
  const row = rowsAt(listed('/stock-uploads'), 'inventory.read')
  const paused = is('stock_upload', 'paused')
  return [
    row('/stock-uploads/pause', 'inventory.upload', {
      seed: upload(),
      effect: paused,
      is: true,
      not: { seed: upload(true), says: /已经暂停/ },
    }),
    row('/stock-uploads/resume', 'inventory.upload', {
      seed: upload(true),
      effect: paused,
      is: false,
      not: { seed: upload(), says: /没有暂停/ },
    }),
    row('/stock-uploads/rule', 'inventory.upload', {
      seed: upload(),
      effect: ({ id }) => sql`select rule is not null as is from stock_upload where id = ${id}`,
      is: true,
      fill: sure,
    }),
  ]
}

function returnPresses(house: PressHouse): Press[] {
  const { boss, shipped } = house
  const returned =
    (...verbs: string[]) =>
    async (): Promise<Seeded> => {
      const one = await shipped()
      const lines = [{ lineNo: 1, quantity: 1 }]
      const input = {
        orderId: one['orderId'],
        kind: 'return',
        courier: '',
        waybillNo: '',
        reason: '不喜欢',
        lines,
      }
      await boss.call('POST', '/api/returns', { returns: [input] })
      const id = await house.one(sql`select id as is from return_order where order_id = ${one['orderId']}`)
      await sql`update return_order set warehouse_id = ${house.warehouseId} where id = ${id}`.execute(
        house.db,
      )
      for (const verb of verbs) await boss.call('POST', `/api/returns/${verb}`, { ids: [id] })
      return { id }
    }
  const row = rowsAt(listed('/returns'), 'returns.read')
  const status = is('return_order', 'status')
  return [
    row('/returns/confirm', 'returns.write', {
      seed: returned(),
      effect: status,
      is: 'confirmed',
      not: { seed: returned('confirm'), says: /确认/ },
    }),
    row('/returns/unconfirm', 'returns.write', {
      seed: returned('confirm'),
      effect: status,
      is: 'unconfirmed',
    }),
    row('/returns/receive', 'returns.receive', {
      seed: returned('confirm'),
      effect: status,
      is: 'received',
      fill: sure,
    }),
    row('/returns/void', 'returns.write', { seed: returned(), effect: status, is: 'voided', fill: reason }),
    row('/returns/settle', 'returns.settle', {
      seed: returned('confirm', 'receive'),
      effect: status,
      is: 'settled',
      fill: sure,
    }),
  ]
}

function aftersalePresses(house: PressHouse): Press[] {
  const { db, shipped, released } = house
  const parcel = (way: string, state: string) => async (): Promise<Seeded> => {
    const one = await shipped()
    const found = await sql<{ id: string }>`
      insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
        refund_no, amount_fen, way, state, created_by, asked_at, asked_by)
      select id, no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no, ${`R${fresh()}`}, 9000, ${way}, ${state}, '周强', ${state === 'asked' ? sql`now()` : null}, ${state === 'asked' ? '周强' : null}
      from delivery where id = ${one.id} returning id`.execute(db)
    return { id: found.rows[0]?.id ?? '' }
  }
  const back = async (): Promise<Seeded> => {
    const one = await released()
    const found = await sql<{ id: string }>`
      insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
        line_no, title, spec, quantity, source)
      select id, no, order_id, order_no, tid, shop_id, warehouse_id, 'SF', '', 1, '四件套', '', 1, 'void'
      from delivery where id = ${one.id} returning id`.execute(db)
    return { id: found.rows[0]?.id ?? '', scanned: one.no ?? '' }
  }
  const row = rowsAt(listed('/intercepts'), 'fulfilment.read')
  const state = is('intercept', 'state')
  const backs = rowsAt(listed('/put-backs'), 'fulfilment.read')
  return [
    row('/intercepts/ask', 'aftersale.intercept', {
      seed: parcel('recall', 'open'),
      effect: state,
      is: 'asked',
      fill: sure,
    }),
    row('/intercepts/miss', 'aftersale.intercept', {
      seed: parcel('recall', 'asked'),
      effect: state,
      is: 'missed',
      fill: sure,
    }),
    row('/intercepts/money', 'aftersale.intercept', {
      seed: parcel('recall', 'open'),
      effect: state,
      is: 'money',
      fill: sure,
    }),
    row('/intercepts/return', 'aftersale.intercept', {
      seed: parcel('recall', 'asked'),
      effect: state,
      is: 'returned',
      fill: sure,
    }),
    row('/intercepts/pull', 'fulfilment.unship', {
      seed: parcel('pull', 'open'),
      effect: state,
      is: 'pulled',
      fill: sure,
    }),
    backs('/put-backs/done', 'aftersale.put_back', {
      seed: back,
      effect: is('put_back', 'state'),
      is: 'done',
    }),
    {
      ...backs('put-back-scan', 'aftersale.put_back', {
        seed: back,
        effect: is('put_back', 'state'),
        is: 'done',
      }),
      path: 'POST /put-backs/scan',
      where: 'page',
      button: async (page, { scanned = '' }) => {
        const box = page.getByLabel('扫发货单、运单或订单号')
        await box.fill(scanned)
        await box.press('Enter')
        return box
      },
    },
    backs('/put-backs/unpicked', 'aftersale.put_back', {
      seed: back,
      effect: is('put_back', 'state'),
      is: 'unpicked',
    }),
  ]
}
