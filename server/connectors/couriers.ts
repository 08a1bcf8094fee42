import type { LocalizedText } from '../lib/localized-text.ts'

/**
 * The courier companies with our own codes; the rows of the table `courier` are the same. Each connector and source maps them to its own
 * codes. New ones go at the end, because facets store the positions.
 */
export const couriers = [
  { code: 'SF', zh: '顺丰速运', en: 'SF Express' },
  { code: 'YTO', zh: '圆通速递', en: 'YTO Express' },
  { code: 'ZTO', zh: '中通快递', en: 'ZTO Express' },
  { code: 'STO', zh: '申通快递', en: 'STO Express' },
  { code: 'YUNDA', zh: '韵达快递', en: 'Yunda Express' },
  { code: 'JTSD', zh: '极兔速递', en: 'J&T Express' },
  { code: 'JD', zh: '京东快递', en: 'JD Logistics' },
  { code: 'EMS', zh: 'EMS', en: 'EMS' },
  { code: 'POSTB', zh: '邮政快递包裹', en: 'China Post Parcel' },
  { code: 'DBKD', zh: '德邦快递', en: 'Deppon Express' },
  { code: 'HTKY', zh: '百世快递', en: 'Best Express' },
  { code: 'TTKDEX', zh: '天天快递', en: 'TTK Express' },
  { code: 'UC', zh: '优速快递', en: 'UC Express' },
  { code: 'ZJS', zh: '宅急送', en: 'ZJS Express' },
  { code: 'EYB', zh: '邮政电商标快', en: 'China Post E-commerce' },
  { code: 'DN', zh: '丹鸟', en: 'Danniao' },
  { code: 'FENGWANG', zh: '丰网速运', en: 'Fengwang Express' },
  { code: 'ZYKD', zh: '众邮快递', en: 'Zhongyou Express' },
  { code: 'KYE', zh: '跨越速运', en: 'KYE Express' },
  { code: 'ZTOKY', zh: '中通快运', en: 'ZTO Freight' },
  { code: 'YDKY', zh: '韵达快运', en: 'Yunda Freight' },
  { code: 'SFKY', zh: '顺丰快运', en: 'SF Freight' },
  { code: 'ANE', zh: '安能物流', en: 'ANE Logistics' },
  { code: 'DBKY', zh: '德邦快运', en: 'Deppon Freight' },
  { code: 'SXJD', zh: '顺心捷达', en: 'SXJD Freight' },
] as const

export type CourierCode = (typeof couriers)[number]['code']

/**
 * 子母件: the couriers that give each package of one parcel a number of its own. The first five are those for which WeChat's addsuborder is; the
 * others are freight couriers, for which Cainiao's `total_packages_count` is.
 */
export const packageCouriers: readonly string[] = [
  'SF',
  'DBKD',
  'JD',
  'YDKY',
  'SXJD',
  'ZTOKY',
  'SFKY',
  'ANE',
  'DBKY',
] satisfies CourierCode[]

export const courierCodes: Readonly<Record<string, LocalizedText>> = Object.fromEntries(
  couriers.map(({ code, zh, en }) => [code, { zh, en }]),
)

/** A platform's codes of our couriers. */
export type CourierNames = Readonly<Partial<Record<CourierCode, string>>>

/** Returns our code of the courier that a platform or a source names by its own; undefined: we do not know this courier. */
export const courierOfCode = (codes: CourierNames, theirs: string): CourierCode | undefined =>
  couriers.find(({ code }) => codes[code] === theirs)?.code

/** Returns the code of a courier's name: "顺丰", "顺丰速运", "SF", "sf express" → SF; undefined: no courier has this name. */
export function courierOf(text: string): CourierCode | undefined {
  const asked = text.trim().toLowerCase()
  const bare = bareName(asked)
  if (bare === '') return undefined
  const named = (is: (name: string) => boolean) =>
    couriers.find(({ code, zh, en }) => [code, zh, en].some((name) => is(name.toLowerCase())))?.code
  // The whole name first: 中通快运 is another company than 中通快递.
  return named((name) => name === asked) ?? named((name) => bareName(name) === bare)
}

const bareName = (words: string) =>
  words.replace(/\s|速运|速递|快递|快运|物流|包裹|express|logistics|parcel|freight/g, '')
