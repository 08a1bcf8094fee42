import { createRandom, hash32, at } from './random.ts'

export interface Sku {
  skuId: string
  /** As TOP writes it: `颜色分类:雾蓝;尺寸:1.8m床`. */
  properties: string
  /** The merchant's own code; empty when the merchant never filled it in. */
  outerId: string
  /** Fen. */
  price: number
}

export interface Listing {
  /** 12 digits. */
  numIid: string
  title: string
  outerIid: string
  cid: number
  /** Picture path below the simulator's address. */
  picture: string
  skus: Sku[]
}

/**
 * The listings of one shop. Every shop sells most of the catalogue under its own ids; about one SKU in nine has no
 * outer code, and some listings have no SKUs at all, since merchants leave both out.
 */
export function createListings(shopKey: string, pinduoduo: boolean): Listing[] {
  const random = createRandom(`goods:${shopKey}`)
  const listings: Listing[] = []
  CATALOGUE.forEach((article, index) => {
    if (random.chance(0.12)) return
    const codeless = random.chance(0.07)
    const numIid = String(620_000_000_000 + (hash32(`${shopKey}:${index}`) % 90_000_000_000))
    const skus: Sku[] = []
    for (const [c, colour] of article.colours.entries()) {
      for (const [s, [size, factor]] of article.sizes.entries()) {
        const properties = pinduoduo
          ? `${colour}${size ? `,${size}` : ''}`
          : `颜色分类:${colour}${size ? `;尺寸:${size}` : ''}`
        skus.push({
          skuId: String(
            (pinduoduo ? 900_000_000_000 : 4_800_000_000_000) +
              (hash32(`${shopKey}:${index}:${c}:${s}`) % 900_000_000),
          ),
          properties,
          outerId:
            codeless || random.chance(0.06)
              ? ''
              : `${article.code}-${String(c + 1).padStart(2, '0')}${s > 0 || article.sizes.length > 1 ? String(s + 1).padStart(2, '0') : ''}`,
          price: Math.round((article.price * factor * (pinduoduo ? 0.86 : 1)) / 100) * 100,
        })
      }
    }
    listings.push({
      numIid,
      title: `${random.pick(PREFIXES)}${article.title}`,
      outerIid: codeless ? '' : article.code,
      cid: article.cid,
      picture: `/img/${index}.svg`,
      skus: article.single ? [] : skus,
    })
  })
  return listings
}

/** The price of a listing without SKUs, fen. */
export function listingPrice(listing: Listing): number {
  const index = Number(listing.picture.slice(5, -4))
  return CATALOGUE[index]?.price ?? 9900
}

/** A small square picture of catalogue article `index`: one muted ground, one simple glyph. */
export function listingPicture(index: number): string | undefined {
  const article = CATALOGUE[index]
  if (article === undefined) return undefined
  const [ground, ink, shade] = at(PALETTE, index % PALETTE.length)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256"><rect width="64" height="64" fill="${ground}"/><g fill="${ink}" stroke="none">${GLYPHS[article.glyph]?.replaceAll('SHADE', shade) ?? ''}</g></svg>`
}

interface Article {
  code: string
  title: string
  glyph: string
  cid: number
  /** Fen, before the size factor. */
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

/** Ground, ink, shade. */
const PALETTE: readonly (readonly [string, string, string])[] = [
  ['#DDE5EC', '#6F90AE', '#A9C0D3'],
  ['#EFE8DD', '#FBF7EF', '#CDBEA6'],
  ['#ECEAE4', '#33363D', '#8C8A83'],
  ['#E9E4DA', '#B79C78', '#D3BFA3'],
  ['#EFE6DA', '#B07A48', '#D2A77C'],
  ['#E6EAEE', '#FFFFFF', '#AEB9C4'],
  ['#DFE8E2', '#55806C', '#9DBBAB'],
  ['#E2E9E1', '#AFC2B2', '#7F9A86'],
  ['#F1E8D8', '#D9A552', '#F3D9A4'],
  ['#E1E4EE', '#2E4063', '#7C8BAB'],
  ['#EFE5E2', '#C28F86', '#DDB9B2'],
  ['#E7E9EE', '#F7F8FA', '#B4BAC6'],
]

const GLYPHS: Record<string, string> = {
  bed: '<rect x="12" y="30" width="40" height="14" rx="3"/><rect x="15" y="22" width="15" height="9" rx="3" fill="SHADE"/><rect x="34" y="22" width="15" height="9" rx="3" fill="SHADE"/><rect x="12" y="36" width="40" height="3" fill="SHADE"/>',
  pillow:
    '<path d="M14 24q18-6 36 0q4 8 0 16q-18 6-36 0q-4-8 0-16z"/><path d="M18 28q14-4 28 0" fill="none" stroke="SHADE" stroke-width="2"/>',
  lamp: '<path d="M24 14h16l6 16H18z"/><rect x="31" y="30" width="2" height="18" fill="SHADE"/><rect x="24" y="48" width="16" height="3" rx="1.5"/>',
  curtain:
    '<rect x="12" y="13" width="40" height="3" rx="1.5" fill="SHADE"/><path d="M14 16h15q-2 18-11 34h-4z"/><path d="M50 16H35q2 18 11 34h4z"/>',
  blanket:
    '<rect x="14" y="20" width="36" height="9" rx="4"/><rect x="14" y="30" width="36" height="9" rx="4" fill="SHADE"/><rect x="14" y="40" width="36" height="9" rx="4"/>',
  towel:
    '<rect x="18" y="16" width="28" height="34" rx="3"/><rect x="18" y="38" width="28" height="3" fill="SHADE"/><rect x="18" y="43" width="28" height="2" fill="SHADE"/>',
  mug: '<rect x="18" y="20" width="24" height="26" rx="4"/><path d="M42 26q9 0 9 7t-9 7" fill="none" stroke="SHADE" stroke-width="4"/>',
  box: '<rect x="13" y="26" width="38" height="22" rx="3"/><rect x="11" y="20" width="42" height="7" rx="2" fill="SHADE"/><rect x="27" y="33" width="10" height="3" rx="1.5" fill="SHADE"/>',
  candle:
    '<rect x="22" y="28" width="20" height="22" rx="2"/><rect x="22" y="36" width="20" height="7" fill="SHADE"/><path d="M32 14q5 6 0 12q-5-6 0-12z"/>',
  apron:
    '<path d="M25 16h14l3 14 5 4v16H17V34l5-4z"/><rect x="25" y="38" width="14" height="8" rx="1" fill="SHADE"/>',
  rug: '<rect x="12" y="20" width="40" height="26" rx="2"/><rect x="17" y="25" width="30" height="16" fill="none" stroke="SHADE" stroke-width="2"/><path d="M12 18v30M52 18v30" stroke="SHADE" stroke-width="2" stroke-dasharray="2 2"/>',
  duvet:
    '<rect x="12" y="20" width="40" height="26" rx="7"/><path d="M22 20v26M32 20v26M42 20v26M12 33h40" stroke="SHADE" stroke-width="1.6" fill="none"/>',
  cushion:
    '<path d="M16 16q16 4 32 0q-4 16 0 32q-16-4-32 0q4-16 0-32z"/><circle cx="32" cy="32" r="2.5" fill="SHADE"/>',
  slippers:
    '<rect x="17" y="16" width="13" height="34" rx="6.5"/><rect x="34" y="16" width="13" height="34" rx="6.5"/><path d="M17 26q6.5-6 13 0v7H17zM34 26q6.5-6 13 0v7H34z" fill="SHADE"/>',
  mattress:
    '<rect x="11" y="26" width="42" height="18" rx="5"/><path d="M11 35h42" stroke="SHADE" stroke-width="2.5"/>',
  vase: '<path d="M27 14h10v8q10 8 6 20q-3 8-11 8t-11-8q-4-12 6-20z"/><path d="M23 36h18" stroke="SHADE" stroke-width="2"/>',
  plate:
    '<circle cx="32" cy="32" r="18"/><circle cx="32" cy="32" r="11" fill="none" stroke="SHADE" stroke-width="2"/>',
  hanger:
    '<path d="M32 26v-4q4-1 4-4.500t-4-3.500-4 3" fill="none" stroke="SHADE" stroke-width="2.5"/><path d="M32 25l20 15q1 4-3 4H15q-4 0-3-4z"/>',
  robe: '<path d="M24 14l8 8 8-8 10 10-5 6-3-2v22H22V28l-3 2-5-6z"/><path d="M22 34h20" stroke="SHADE" stroke-width="3"/>',
  tablecloth:
    '<path d="M14 20h36l4 26-7-4-5 4-5-4-5 4-5-4-5 4-5-4-7 4z"/><path d="M14 26h36" stroke="SHADE" stroke-width="2"/>',
}
