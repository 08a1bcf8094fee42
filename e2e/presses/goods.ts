import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { aSku, aWarehouse, putStock } from '../../server/testing/stock.ts'
import { until } from '../../server/testing/until.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { here, is, listed, numbers, opened } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const next = numbers('', 8)
const fresh = (kind: string) => kind + next()

/** Presses for returned goods, stock documents, and imported sheets. */
export function goodsPresses(house: PressHouse): Press[] {
  return [
    ...returnPresses(house),
    ...scanPresses(house),
    ...parcelPresses(house),
    ...movePresses(house),
    ...sheetPresses(house),
  ]
}

export const returned =
  (house: PressHouse, input: object = {}, ...verbs: string[]) =>
  async (): Promise<Seeded> => {
    const one = await house.shipped()
    const given = {
      orderId: one['orderId'],
      kind: 'return',
      courier: '',
      waybillNo: '',
      reason: '不喜欢',
      ...input,
    }
    await house.boss.call('POST', '/api/returns', {
      returns: [{ ...given, lines: [{ lineNo: 1, quantity: 1 }] }],
    })
    const id = await house.one(sql`select id as is from return_order where order_id = ${one['orderId']}`)
    await sql`update return_order set warehouse_id = ${house.warehouseId} where id = ${id}`.execute(house.db)
    for (const verb of verbs) await house.boss.call('POST', `/api/returns/${verb}`, { ids: [id] })
    return { id, no: await house.one(sql`select no as is from return_order where id = ${id}`) }
  }

function returnPresses(house: PressHouse): Press[] {
  const shipped = async (): Promise<Seeded> => {
    const { orderId = '', orderNo = '' } = await house.shipped()
    return { id: orderId, orderNo }
  }
  const short = async (): Promise<Seeded> => {
    const one = await returned(house, {}, 'confirm', 'receive')()
    await sql`
      with found as (
        insert into return_problem (return_id, kind, line_no, quantity, found_by) values (${one.id}, 'short', 1, 1, '周强'))
      update return_order set open_problems = 1 where id = ${one.id}`.execute(house.db)
    return one
  }
  const row = rowsAt(listed('/returns'), 'returns.read')
  const swap = { kind: 'exchange', exchangeWhen: 'confirmed' }
  return [
    {
      ...rowsAt(() => '/returns', 'returns.read', 'orders.read')('add', 'returns.write', {
        seed: shipped,
        effect: ({ id }) => sql`select count(*)::int as is from return_order where order_id = ${id}`,
        is: 1,
        where: 'page',
        path: 'POST /returns',
      }),
      fill: async (dialog, _page, { orderNo = '' }) => {
        await dialog.getByLabel('订单号或交易号').fill(orderNo)
        await dialog.getByLabel('第 1 行的件数').waitFor()
      },
    },
    rowsAt(opened('/returns'), 'returns.read')('edit', 'returns.write', {
      seed: returned(house),
      effect: is('return_order', 'waybill_no'),
      is: 'YT0000000009',
      ...here,
      path: 'POST /returns/edit',
      fill: async (dialog) => dialog.getByLabel('退回运单号').fill('YT0000000009'),
      tells: (page) => page.getByRole('dialog').getByText('YT0000000009'),
      not: { seed: returned(house, {}, 'confirm', 'receive'), says: /./ },
    }),
    rowsAt(opened('/returns'), 'returns.read')('problem', 'returns.receive', {
      seed: short,
      effect: is('return_order', 'open_problems'),
      is: 0,
      ...here,
      path: 'POST /returns/problems',
      button: async (page) => page.getByRole('dialog').getByRole('button', { name: '了结' }),
      fill: async (dialog) => dialog.getByRole('textbox').fill('买家补寄了'),
    }),
    row('/returns/exchange', 'returns.write', {
      seed: returned(house, swap, 'confirm'),
      effect: ({ id }) => sql`select exchange_order_id is not null as is from return_order where id = ${id}`,
      is: true,
      not: { seed: returned(house, {}, 'confirm'), says: /不是换货/ },
    }),
  ]
}

function scanPresses(house: PressHouse): Press[] {
  const scan = async (page: Parameters<NonNullable<Press['button']>>[0], no: string) => {
    const box = page.getByLabel('扫描运单、单号或商品')
    await box.fill(no)
    await box.press('Enter')
  }
  return [
    {
      action: 'receive-page',
      path: 'POST /returns/receipts',
      can: ['returns.read', 'returns.receive'],
      seed: returned(house, {}, 'confirm'),
      at: () => '/receive-returns',
      where: 'page',
      button: async (page, { no = '' }) => {
        await scan(page, no)
        await page.getByRole('button', { name: '按应退填满' }).click()
        return page.getByRole('button', { name: '入库' })
      },
      effect: is('return_order', 'status'),
      is: 'received',
      tells: (page) => page.getByText('已收货'),
    },
    {
      action: 'refused-parcel',
      path: 'POST /returns/refused',
      can: ['returns.read', 'returns.receive'],
      seed: () => house.shipped(),
      at: () => '/receive-returns',
      where: 'page',
      button: async (page, { waybillNo = '' }) => {
        await scan(page, waybillNo)
        return page.getByRole('button', { name: /拒收/ }).first()
      },
      effect: ({ id }) => sql`select kind as is from return_order where delivery_id = ${id}`,
      is: 'refused',
      tells: (page) => page.getByText('按应退填满'),
    },
    {
      action: 'register-unknown',
      path: 'POST /unclaimed-parcels',
      can: ['returns.read', 'returns.receive'],
      seed: async () => ({ id: '0', no: fresh('UN') }),
      at: () => '/receive-returns',
      where: 'page',
      button: async (page, { no = '' }) => {
        await scan(page, no)
        return page.getByRole('button', { name: '登记无主件' })
      },
      fill: (dialog) =>
        dialog.getByLabel('商品，一行一种：商家编码 良品 次品').fill(`OF-SHOP-${house.shopId}`),
      effect: ({ no }) => sql`select count(*)::int as is from unclaimed_parcel where waybill_no = ${no}`,
      is: 1,
    },
  ]
}

function parcelPresses(house: PressHouse): Press[] {
  const code = `OF-SHOP-${house.shopId}`
  const named = async (): Promise<Seeded> => ({ id: '0', no: fresh('UN') })
  const parcel = async (): Promise<Seeded> => {
    const no = fresh('UN')
    const lines = [{ skuCode: code, good: 1, defective: 0 }]
    await house.boss.call('POST', '/api/unclaimed-parcels', {
      parcels: [{ warehouseId: house.warehouseId, waybillNo: no, phone: '', note: '', lines }],
    })
    return { id: await house.one(sql`select id as is from unclaimed_parcel where waybill_no = ${no}`) }
  }
  const stocked = async () => {
    const one = await parcel()
    await house.boss.call('POST', '/api/unclaimed-parcels/stock', { ids: [one.id] })
    return one
  }
  const withReturn = async () => {
    const one = await parcel()
    const waybillNo = await house.one(sql`select waybill_no as is from unclaimed_parcel where id = ${one.id}`)
    await returned(house, { waybillNo }, 'confirm')()
    return one
  }
  const status = is('unclaimed_parcel', 'status')
  return [
    {
      ...rowsAt(() => '/unclaimed-parcels', 'returns.read')('add', 'returns.receive', {
        seed: named,
        effect: ({ no }) => sql`select count(*)::int as is from unclaimed_parcel where waybill_no = ${no}`,
        is: 1,
        where: 'page',
        path: 'POST /unclaimed-parcels',
      }),
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('运单号').fill(no)
        await dialog.getByLabel('商品，一行一种：商家编码 良品 次品').fill(code)
      },
    },
    rowsAt(listed('/unclaimed-parcels'), 'returns.read')('/unclaimed-parcels/stock', 'returns.receive', {
      seed: parcel,
      effect: status,
      is: 'stocked',
      fill: sure,
      not: { seed: stocked, says: /入库/ },
    }),
    rowsAt(opened('/unclaimed-parcels'), 'returns.read')('claim-first', 'returns.receive', {
      seed: withReturn,
      effect: status,
      is: 'claimed',
      ...here,
      path: 'POST /unclaimed-parcels/claim', // The returns that the parcel may belong to are read once it is open.
      button: async (page) => {
        const able = page.locator('.drawer-foot [data-action="claim-first"]:not([aria-disabled])')
        await able.waitFor()
        return able
      },
    }),
  ]
}

function movePresses(house: PressHouse): Press[] {
  const { db, boss, warehouseId } = house
  let to = ''
  const goods = async (): Promise<Seeded> => {
    const no = fresh('M-')
    await putStock(db, warehouseId, await aSku(db, no), 100)
    return { id: '0', no }
  }
  const draft =
    (kind: 'adjustment' | 'transfer' | 'lock', ...verbs: string[]) =>
    async (): Promise<Seeded> => {
      const { no = '' } = await goods()
      if (kind === 'transfer' && to === '') to = await aWarehouse(db, 1)
      const input = {
        kind,
        warehouseId,
        ...(kind === 'transfer' ? { toWarehouseId: to } : {}),
        ...(kind === 'lock' ? { lockKind: 'normal' } : {}),
      }
      const { body } = await boss.call('POST', '/api/stock-documents', {
        ...input,
        lines: [{ skuCode: no, quantity: 5 }],
      })
      const id = String(Object(body).id)
      for (const verb of verbs) await boss.call('POST', `/api/stock-documents/${verb}`, { ids: [id] })
      return { id, no }
    }
  const row = rowsAt(opened('/stock-documents'), 'inventory.read')
  return [
    {
      ...rowsAt(() => '/stock-documents', 'inventory.read')('add', 'inventory.write', {
        seed: goods,
        effect: ({ no }) =>
          sql`select count(*)::int as is from stock_document_line l join sku s on s.id = l.sku_id where s.code = ${no}`,
        is: 1,
        where: 'page',
        path: 'POST /stock-documents',
      }),
      // With the keyboard only: the code is typed or scanned, Enter adds it, and the number of pieces replaces the 1.
      fill: async (dialog, page, { no = '' }) => {
        await dialog.getByLabel('仓库', { exact: true }).selectOption(warehouseId)
        await dialog.getByRole('combobox', { name: '加一种商品' }).fill(no)
        await page.keyboard.press('Enter')
        const lines = dialog.getByLabel('商品：每行一个商家编码和数量')
        await until(async () => (await lines.inputValue()) === `${no} 1`, 4_000)
        await until(() => lines.evaluate((area) => area === document.activeElement), 4_000)
        await page.keyboard.type('3')
        assert.equal(await lines.inputValue(), `${no} 3`)
      },
    },
    row('release-part', 'inventory.write', {
      seed: draft('lock', 'approve', 'post'),
      effect: ({ id }) =>
        sql`select sum(released)::int as is from stock_document_line where document_id = ${id}`,
      is: 2,
      ...here,
      path: 'POST /stock-documents/release',
      fill: async (dialog) => dialog.getByRole('textbox').first().fill('2'),
    }),
    row('edit', 'inventory.write', {
      seed: draft('adjustment'),
      effect: is('stock_document', 'note'),
      is: '盘错了',
      ...here,
      path: 'PUT /stock-documents/:id',
      fill: async (dialog) => dialog.getByLabel('备注').fill('盘错了'),
    }),
    row('/stock-documents/receive', 'inventory.write', {
      seed: draft('transfer', 'approve', 'post'),
      effect: is('stock_document', 'status'),
      is: 'posted',
      ...here,
      fill: sure,
    }),
  ]
}

/** Each sheet has one row. */
function sheetPresses(house: PressHouse): Press[] {
  const code = `OF-SHOP-${house.shopId}`
  const shop = '山隅家居旗舰店'
  const numbered = async (): Promise<Seeded> => ({ id: '0', no: fresh('S') })
  const sheet = (
    to: string,
    path: string,
    can: Press['can'],
    { text, ...one }: { text: (no: string) => string } & Pick<Press, 'effect'> & Partial<Pick<Press, 'seed'>>,
  ): Press => ({
    ...{ action: 'import', path, can, seed: numbered, at: () => to, where: 'page', is: 1, ...one },
    fill: async (dialog, _page, { no = '' }) =>
      dialog
        .locator('input[type="file"]')
        .setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(text(no)) }),
    tells: (page) => page.getByRole('dialog').getByRole('status'),
  })
  const stored = async (): Promise<Seeded> => {
    const no = fresh('W')
    await sql`insert into warehouse (code, name, kind) values (${no}, ${no}, 'own')`.execute(house.db)
    return { id: '0', no }
  }
  const unmatched = async (): Promise<Seeded> => {
    const no = fresh('7')
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at)
      values (${house.shopId}, ${no}, ${no}, '四件套', 'on_sale', now())`.execute(house.db)
    return { id: '0', no }
  }
  return [
    sheet('/orders', 'POST /orders/import', ['orders.read', 'orders.create'], {
      text: (no) =>
        `店铺,订单号,收件人,手机,省,市,详细地址,商家编码,数量,单价,已付款\n${shop},${no},李小龙,13911112222,广东省,佛山市,一路 1 号,${code},1,30,是`,
      effect: ({ no }) =>
        sql`select count(*)::int as is from sales_order where tid = ${no} and origin = 'import'`,
    }),
    sheet('/products', 'POST /skus/import', ['catalog.read', 'catalog.write'], {
      text: (no) => `商家编码,商品名称\n${no},四件套`,
      effect: ({ no }) => sql`select count(*)::int as is from sku where code = ${no}`,
    }),
    sheet('/bins', 'POST /bins/import', ['inventory.read', 'inventory.write'], {
      text: (no) => `仓库编码,库位,商家编码\n${no},${no},${code}`,
      seed: stored,
      effect: ({ no }) => sql`select count(*)::int as is from bin where code = ${no}`,
    }),
    sheet('/listings', 'POST /listings/import', ['catalog.read', 'catalog.write'], {
      text: (no) => `店铺,平台商品ID,平台规格ID,商家编码\n${shop},${no},${no},${code}`,
      effect: ({ no }) =>
        sql`select count(*)::int as is from listing where item_id = ${no} and sku_id is not null`,
      seed: unmatched,
    }),
    sheet('/bill-trades', 'POST /bills/import', ['finance.read', 'finance.reconcile'], {
      text: (no) => `流水号,订单号,时间,金额\nB${no},${no},2026-11-20 10:00:00,1`,
      effect: ({ no }) => sql`select count(*)::int as is from bill_trade where tid = ${no}`,
    }),
  ]
}
