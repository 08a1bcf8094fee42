import { asksNothing } from '../server/orders/gifts/gift-rules.ts'
import { asked, type House } from './house.ts'

type Rows<Row> = { rows: Row[] }
type Settlement = { id: string; tid: string; shopId: string; amountFen: number; kind: string }

/** Adds gift rules, and a shop's bill beside its settlements, most of which agree. */
export async function money(house: House): Promise<void> {
  await giftRules(house)
  await bill(house)
}

async function giftRules({ admin, shops }: House): Promise<void> {
  await asked(admin, 'POST', '/api/skus', {
    rows: [
      { code: 'ZP-MUG-01', name: '山隅马克杯', spec: '白 / 350ml', category: '赠品', priceFen: 0 },
      { code: 'ZP-BAG-01', name: '棉布收纳袋', spec: '本白', category: '赠品', priceFen: 0 },
      { code: 'ZP-CARD-01', name: '感谢卡', spec: '', category: '赠品', priceFen: 0 },
    ],
  })
  const rules = [
    {
      ...asksNothing,
      name: '满 299 送马克杯',
      minFen: 29_900,
      perBuyer: 1,
      gifts: [{ code: 'ZP-MUG-01', quantity: 1, instead: 'ZP-BAG-01' }],
      whenOut: 'instead',
    },
    {
      ...asksNothing,
      name: '双11 前 500 名',
      from: '2026-11-10T16:00:00Z',
      to: '2026-12-01T16:00:00Z',
      shops: [shops['shanyu-tmall']],
      firstOrders: 500,
      gifts: [{ code: 'ZP-BAG-01', quantity: 1, instead: '' }],
    },
    {
      ...asksNothing,
      name: '每单一张感谢卡',
      enabled: false,
      gifts: [{ code: 'ZP-CARD-01', quantity: 1, instead: '' }],
    },
  ]
  await asked(admin, 'PUT', '/api/gift-rules', { rules, version: 0 })
}

async function bill({ admin, shops }: House): Promise<void> {
  const shopId = shops['shanyu-tmall'] ?? ''
  const { rows } = await asked<Rows<Settlement>>(
    admin,
    'GET',
    `/api/settlements?tab=all&limit=100&shop=${shopId}`,
  )
  const ids = rows.map(({ id }) => id)
  for (const step of ['approve', 'post']) await asked(admin, 'POST', `/api/settlements/${step}`, { ids })
  const yuan = (fen: number) => (fen / 100).toFixed(2)
  const at = (n: number) => {
    const moment = new Date(Date.now() + 8 * 3_600_000 - n * 5 * 3_600_000)
    return moment.toISOString().slice(0, 19).replace('T', ' ')
  }
  const received = rows.filter(({ amountFen, tid }) => amountFen > 0 && tid !== '')
  const lines = received.slice(2).flatMap(({ tid, amountFen }, n) => {
    const off = n % 6 === 1 ? 500 : 0
    return [
      `T${10_000 + n},${tid},${at(n % 8)},${yuan(amountFen - off)},,交易收款`,
      `F${10_000 + n},${tid},${at(n % 8)},,${yuan(Math.round(amountFen * 0.006))},技术服务费`,
    ]
  })
  lines.push(
    `T20001,2948105700000000123,${at(1)},88.00,,交易收款`,
    `T20002,2948105700000000456,${at(3)},,12.50,保险理赔`,
    `W20003,,${at(4)},,5000.00,提现`,
  )
  const text = `流水号,订单号,发生时间,收入金额,支出金额,业务类型\n${lines.join('\n')}\n`
  await asked(admin, 'POST', '/api/bills/import', { shopId, file: Buffer.from(text).toString('base64') })
  const open = await asked<Rows<{ id: string }>>(admin, 'GET', '/api/bill-trades?tab=open&limit=2')
  const [first] = open.rows
  if (first)
    await asked(admin, 'POST', '/api/bill-trades/explain', {
      ids: [first.id],
      reason: '店铺活动红包，平台另付',
    })
}
