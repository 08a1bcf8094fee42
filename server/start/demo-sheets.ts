import { sql } from 'kysely'
import type { Config } from '../config.ts'
import { connectors } from '../connectors/index.ts'
import { type By, systemActor, wholeScope } from '../core/access/actor.ts'
import { openKeyRing } from '../core/access/key-check.ts'
import { type Database, openDatabase } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { importTrades } from '../intake/sheets/import-trades.ts'
import { sharedNow } from '../lib/clock.ts'
import { yuanFromFen } from '../lib/money.ts'
import type { KeyRing } from '../lib/seal.ts'
import { dayMs, minuteMs, toChinaTime } from '../lib/time.ts'
import { verifyShop } from '../shops/authorise.ts'
import { createShop, listShops, readShop } from '../shops/shops.ts'
import { giveShopTasks, sealedPlaces } from '../worker.ts'

const by: By = { actor: { ...systemActor, name: '演示' }, scope: wholeScope }

/** Opens the database of the demo for `sheetDemo`. */
export async function openSheetDemo(config: Config, databaseUrl: string): Promise<void> {
  const { db, close } = openDatabase(databaseUrl, { max: 2, name: 'sanyi demo' })
  try {
    await sheetDemo(db, await openKeyRing(db, config.sealingKeyPath, () => sealedPlaces))
  } finally {
    await close()
  }
}

/** Makes a spreadsheet shop with the sheet of one day, once: the shop of a buying group, whose goods are those of the demo. */
export async function sheetDemo(db: Database, ring: KeyRing): Promise<void> {
  const connector = connectors.find(({ posted }) => posted?.by === 'sheet')
  const shops = await listShops(db, wholeScope)
  if (!connector || shops.some(({ platform }) => platform === connector.id)) return
  const deps = { db, ring, connectors, simulator: true, onShopConnected: giveShopTasks }
  const input = {
    ...{ platform: connector.id, name: '山隅社区团购' },
    goLiveAt: new Date(sharedNow().getTime() - 90 * dayMs).toISOString(),
    credentials: { channel: '快团团 · 小林团长' },
  }
  const shopId = await db.transaction().execute((tx) => createShop(tx, deps, input, by))
  await verifyShop(deps, shopId, by)
  const shop = await readShop(db, shopId, wholeScope)
  await importTrades({ db, ring }, { shop, bytes: Buffer.from(await sheetOf(db)), columns: undefined }, by)
}

/** They are made up. */
const buyers = [
  ['周雨桐', '13900000001', '浙江省杭州市余杭区良渚街道金家渡路8号2幢501'],
  ['陈思远', '13900000002', '浙江省杭州市拱墅区湖墅南路260号'],
  ['林小满', '13900000003', '江苏省苏州市姑苏区平江路99号'],
  ['何嘉禾', '13900000004', '上海市浦东新区张杨路500号12楼'],
  ['许清欢', '13900000005', '广东省深圳市南山区科技园南路18号'],
  ['沈知夏', '13900000006', '湖北省武汉市洪山区珞喻路1037号'],
] as const

async function sheetOf(db: Database): Promise<string> {
  const found = await sql<Row<'sku', 'code' | 'spec' | 'priceFen'> & Row<'product', 'name'>>`
    select k.code, k.spec, k.price_fen as "priceFen", p.name from sku k join product p on p.id = k.product_id
    where k.active order by k.code limit 6`.execute(db)
  const now = sharedNow().getTime()
  const lines = buyers.flatMap(([name, mobile, address], at) => {
    const number = `KTT${toChinaTime(new Date(now)).slice(0, 10).replaceAll('-', '')}${String(at + 1).padStart(3, '0')}`
    const paid = toChinaTime(new Date(now - (at + 1) * 20 * minuteMs))
    return found.rows
      .filter((_, place) => place === at % found.rows.length || (at === 0 && place === 1))
      .map(({ code, spec, name: title, priceFen }) =>
        [
          number,
          name,
          mobile,
          address,
          code,
          title,
          spec,
          1,
          yuanFromFen(Number(priceFen ?? 9900)),
          paid,
          at === 5 ? '退款中' : '',
        ]
          .map((cell) => `"${String(cell).replaceAll('"', '""')}"`)
          .join(','),
      )
  })
  return ['订单号,收货人,手机,收货地址,商品编码,商品名称,规格,数量,金额,付款时间,退款状态', ...lines].join(
    '\n',
  )
}
