import type { Random } from './random.ts'

export type Sku = {
  itemId: string
  skuId: string
  outerItemId: string
  outerSkuId: string
  title: string
  spec: string
  pictureUrl: string
  priceFen: number
}

const kinds = ['四件套', '夏凉被', '乳胶枕', '床笠', '毛毯', '浴巾', '地垫', '窗帘', '抱枕套', '收纳箱']
const stuffs = [
  '60支长绒棉',
  '水洗真丝',
  '天丝',
  '双层纱',
  '雪尼尔',
  '亚麻',
  '羊羔绒',
  '精梳棉',
  '珊瑚绒',
  '竹纤维',
]
const colours = ['雾蓝', '燕麦', '奶白', '墨绿', '豆沙', '烟灰', '藏青', '姜黄']
const sizes = ['1.2m', '1.5m 床', '1.8m 床', '2.0m 床', '48×74cm', '均码']

/** Creates the goods of one shop: `items` listings with up to eight variants each. */
export function makeGoods(random: Random, shopNo: number, items: number): Sku[][] {
  return Array.from({ length: items }, (_, item) => {
    const itemId = String(652_300_000_000 + shopNo * 10_000_000 + item * 37)
    const title = `${random.pick(stuffs)}${random.pick(kinds)} ${random.pick(['简约', '北欧', '新中式', '轻奢'])}家用${random.pick(['床上用品', '卧室', '客厅', '宿舍'])} 山隅家居 第${item + 1}款`
    const outerItemId = `SY-${shopNo}${String(item).padStart(4, '0')}`
    const priceFen = 1900 + random.int(60_000)
    return Array.from({ length: 1 + random.int(8) }, (__, sku) => ({
      itemId,
      skuId: String(4_800_000_000_000 + shopNo * 100_000_000 + item * 100 + sku),
      outerItemId,
      outerSkuId: `${outerItemId}-${sku}`,
      title,
      spec: `颜色分类:${random.pick(colours)};适用床尺寸:${random.pick(sizes)}`,
      pictureUrl: `https://img.alicdn.com/bao/uploaded/i${shopNo}/22${item}/O1CN01${itemId.slice(-6)}${sku}_!!2200.jpg`,
      priceFen: priceFen + sku * 500,
    }))
  })
}
