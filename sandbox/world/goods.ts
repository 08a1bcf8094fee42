import type { Platform } from './model.ts'
import { HAS_SKUS, itemNumber, outerIidOf, skuNumber } from './numbers.ts'
import { createRandom, hash32 } from './random.ts'

export interface Sku {
  skuId: string
  /** As TOP writes it: `颜色分类:雾蓝;尺寸:1.8m床`. */
  properties: string
  /** The merchant's own code; empty if the merchant did not enter one. */
  outerId: string
  /** In fen. */
  price: number
  quantity: number
}

export interface Listing {
  numIid: string
  title: string
  outerIid: string
  cid: number
  /** Path of the picture below the simulator's URL. */
  picture: string
  skus: Sku[]
  /** '' while the listing is on sale; else the banner of taobao.items.inventory.get under which it is listed. */
  banner: string
  /** Pieces of a listing without SKUs; a listing with SKUs has the pieces of its SKUs. */
  quantity: number
  /** In epoch seconds. */
  modified: number
}

/**
 * Returns the listings of one shop. Every shop sells most of the catalogue under its own ids; about one SKU in nine has no outer code, and
 * some listings have no SKUs, as merchants leave both out.
 */
export function createListings(shopKey: string, platform: Platform, now: number): Listing[] {
  const [pinduoduo, doudian] = [platform === 'pinduoduo', platform === 'doudian']
  const alwaysSkus = pinduoduo || doudian || HAS_SKUS.has(platform)
  const random = createRandom(`goods:${shopKey}`)
  const listings: Listing[] = []
  CATALOGUE.forEach((article, index) => {
    if (random.chance(0.12)) return
    const codeless = random.chance(0.07)
    const drawn = BANNERS[hash32(`banner:${shopKey}:${index}`) % 24] ?? ''
    // On WooCommerce and Shopify goods that are sold out stay on sale.
    const banner = STAY_ON_SALE.has(platform) && drawn === 'sold_out' ? '' : drawn
    const pieces = (kind: string) =>
      drawn === 'sold_out' ? 0 : hash32(`pieces:${shopKey}:${index}:${kind}`) % 600
    const numIid = itemNumber(platform, hash32(`${shopKey}:${index}`))
    const skus: Sku[] = []
    for (const [c, colour] of article.colours.entries()) {
      for (const [s, [size, factor]] of article.sizes.entries()) {
        const properties = pinduoduo
          ? `${colour}${size ? `,${size}` : ''}`
          : `颜色分类:${colour}${size ? `;尺寸:${size}` : ''}`
        skus.push({
          skuId: skuNumber(platform, hash32(`${shopKey}:${index}:${c}:${s}`)),
          properties,
          outerId:
            codeless || random.chance(0.06)
              ? ''
              : `${article.code}-${String(c + 1).padStart(2, '0')}${s > 0 || article.sizes.length > 1 ? String(s + 1).padStart(2, '0') : ''}`,
          price: Math.round((article.price * factor * (pinduoduo ? 0.86 : 1)) / 100) * 100,
          quantity: pieces(`${c}:${s}`),
        })
      }
    }
    listings.push({
      numIid,
      title: `${random.pick(PREFIXES)}${article.title}`,
      outerIid: codeless ? '' : outerIidOf(platform, article.code, index),
      cid: article.cid,
      picture: `/img/${index}.svg`,
      // On Pinduoduo, Douyin, WeChat, Kuaishou, JD, Xiaohongshu and Shopify a listing with a single variety also has a SKU.
      skus: article.single && !alwaysSkus ? [] : skus,
      banner,
      quantity: pieces(''),
      modified: now - (hash32(`modified:${shopKey}:${index}`) % 2_000_000),
    })
  })
  return listings
}

const STAY_ON_SALE: ReadonlySet<Platform> = new Set(['woocommerce', 'shopify'])

/** Four listings in twenty-four are off sale, one for each reason. */
const BANNERS = ['off_shelf', 'never_on_shelf', 'sold_out', 'violation_off_shelf']

/** The price of a listing without SKUs, in fen. */
export function listingPrice(listing: Listing): number {
  const index = Number(listing.picture.slice(5, -4))
  return CATALOGUE[index]?.price ?? 9900
}

/** Returns the glyph of catalogue article `index`; undefined if there is no such article. */
export function articleGlyph(index: number): string | undefined {
  return CATALOGUE[index]?.glyph
}

interface Article {
  code: string
  title: string
  glyph: string
  cid: number
  /** In fen, before the size factor. */
  price: number
  colours: readonly string[]
  sizes: readonly (readonly [string, number])[]
  single?: boolean
}

const BED: readonly (readonly [string, number])[] = [
  ['1.5m床', 1],
  ['1.8m床', 1.08],
  ['2.0m床', 1.16],
]
const ONE: readonly (readonly [string, number])[] = [['', 1]]
const PREFIXES = ['', '', '山隅 ', '2026秋冬新款 ', '【官方】', '']

const CATALOGUE: readonly Article[] = [
  {
    code: 'SJT60',
    title: '60支长绒棉四件套',
    glyph: 'bed',
    cid: 50008779,
    price: 89900,
    colours: ['雾蓝', '燕麦', '月白', '豆沙'],
    sizes: BED,
  },
  {
    code: 'ZT-RJ',
    title: '泰国乳胶枕',
    glyph: 'pillow',
    cid: 50008565,
    price: 19900,
    colours: ['标准款', '护颈款'],
    sizes: [
      ['60×40cm', 1],
      ['70×40cm', 1.2],
    ],
  },
  {
    code: 'DJ-LD',
    title: '极简落地灯',
    glyph: 'lamp',
    cid: 50020611,
    price: 46900,
    colours: ['黑', '白'],
    sizes: [
      ['三档调光', 1],
      ['智能版', 1.3],
    ],
  },
  {
    code: 'CL-QZ',
    title: '全遮光窗帘',
    glyph: 'curtain',
    cid: 50000583,
    price: 28400,
    colours: ['燕麦', '雾灰', '墨绿'],
    sizes: [
      ['1.5×2.7m', 0.8],
      ['2.0×2.7m', 1],
      ['3.0×2.7m', 1.5],
    ],
  },
  {
    code: 'TZ-YM',
    title: '澳洲羊毛毯',
    glyph: 'blanket',
    cid: 50008273,
    price: 69900,
    colours: ['驼色', '灰格'],
    sizes: [
      ['150×200cm', 1],
      ['200×230cm', 1.45],
    ],
  },
  {
    code: 'YJ-SJ',
    title: '加厚浴巾三件套',
    glyph: 'towel',
    cid: 50014254,
    price: 5900,
    colours: ['米白', '灰蓝', '藕粉'],
    sizes: ONE,
  },
  {
    code: 'BZ-TC',
    title: '手作陶瓷马克杯',
    glyph: 'mug',
    cid: 50012090,
    price: 6800,
    colours: ['青釉', '白釉', '赤陶'],
    sizes: [
      ['350ml', 1],
      ['450ml', 1.15],
    ],
  },
  {
    code: 'SN-DL',
    title: '带轮收纳箱',
    glyph: 'box',
    cid: 50008248,
    price: 8900,
    colours: ['米白', '透明'],
    sizes: [
      ['中号 45L', 0.8],
      ['大号 66L', 1],
      ['特大 100L', 1.4],
    ],
  },
  {
    code: 'LZ-GH',
    title: '桂花香薰蜡烛',
    glyph: 'candle',
    cid: 50022691,
    price: 7900,
    colours: ['桂花', '雪松'],
    sizes: [
      ['180g', 1],
      ['300g', 1.5],
    ],
  },
  {
    code: 'WQ-YM',
    title: '亚麻围裙',
    glyph: 'apron',
    cid: 50009146,
    price: 12900,
    colours: ['藏青', '燕麦'],
    sizes: [['均码', 1]],
  },
  {
    code: 'DT-RY',
    title: '日式短绒地毯',
    glyph: 'rug',
    cid: 50008055,
    price: 25900,
    colours: ['米杏', '灰粉', '燕麦格'],
    sizes: [
      ['120×160cm', 1],
      ['160×230cm', 1.7],
      ['200×300cm', 2.6],
    ],
  },
  {
    code: 'BZ-YR',
    title: '95白鹅绒羽绒被',
    glyph: 'duvet',
    cid: 50008779,
    price: 159900,
    colours: ['白'],
    sizes: [
      ['150×200cm 春秋', 1],
      ['200×230cm 春秋', 1.3],
      ['220×240cm 冬厚', 1.7],
    ],
  },
  {
    code: 'KZ-DL',
    title: '灯芯绒抱枕套',
    glyph: 'cushion',
    cid: 50008565,
    price: 3900,
    colours: ['焦糖', '橄榄', '雾蓝', '奶白'],
    sizes: [
      ['45×45cm', 1],
      ['30×50cm', 0.9],
    ],
  },
  {
    code: 'TX-MB',
    title: '棉麻拖鞋',
    glyph: 'slippers',
    cid: 50012825,
    price: 2900,
    colours: ['亚麻灰', '藏青'],
    sizes: [
      ['36-37', 1],
      ['38-39', 1],
      ['42-43', 1],
    ],
  },
  {
    code: 'CD-CM',
    title: '纯棉床垫保护罩',
    glyph: 'mattress',
    cid: 50008779,
    price: 16900,
    colours: ['白'],
    sizes: BED,
  },
  {
    code: 'HP-BL',
    title: '手吹玻璃花瓶',
    glyph: 'vase',
    cid: 50020835,
    price: 13900,
    colours: ['烟灰', '琥珀'],
    sizes: [
      ['小号', 0.7],
      ['大号', 1],
    ],
  },
  {
    code: 'PZ-RS',
    title: '日式粗陶餐盘',
    glyph: 'plate',
    cid: 50012090,
    price: 4500,
    colours: ['墨黑', '米白'],
    sizes: [
      ['8寸', 1],
      ['10寸', 1.3],
    ],
  },
  {
    code: 'YJ-SM',
    title: '榉木衣架十只装',
    glyph: 'hanger',
    cid: 50008248,
    price: 8800,
    colours: ['原木'],
    sizes: ONE,
    single: true,
  },
  {
    code: 'SY-ZS',
    title: '真丝睡袍',
    glyph: 'robe',
    cid: 50008886,
    price: 59900,
    colours: ['香槟', '墨绿'],
    sizes: [
      ['M', 1],
      ['L', 1],
      ['XL', 1.05],
    ],
  },
  {
    code: 'ZB-MS',
    title: '麻质桌布',
    glyph: 'tablecloth',
    cid: 50009146,
    price: 9900,
    colours: ['原麻', '蓝白条'],
    sizes: [
      ['140×180cm', 1],
      ['140×220cm', 1.2],
    ],
  },
  {
    code: 'MJ-MJ',
    title: '毛巾五条装',
    glyph: 'towel',
    cid: 50014254,
    price: 4990,
    colours: ['混色'],
    sizes: ONE,
    single: true,
  },
  {
    code: 'GJ-HB',
    title: '护颈记忆棉枕',
    glyph: 'pillow',
    cid: 50008565,
    price: 15900,
    colours: ['低枕', '高枕'],
    sizes: ONE,
  },
  {
    code: 'XY-TZ',
    title: '藤编洗衣篓',
    glyph: 'box',
    cid: 50008248,
    price: 11900,
    colours: ['原藤', '白'],
    sizes: [
      ['圆形', 1],
      ['方形', 1.1],
    ],
  },
  {
    code: 'TD-XY',
    title: '羊毛座椅垫',
    glyph: 'cushion',
    cid: 50008565,
    price: 8600,
    colours: ['灰', '驼'],
    sizes: [
      ['40×40cm', 1],
      ['45×45cm', 1.1],
    ],
  },
]
