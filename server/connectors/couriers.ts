import type { LocalizedText } from '../lib/localized-text.ts'

/** The courier companies with our own codes. Each connector maps them to the codes of its platform. */
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
] as const

export type CourierCode = (typeof couriers)[number]['code']

export const courierCodes: Readonly<Record<string, LocalizedText>> = Object.fromEntries(
  couriers.map(({ code, zh, en }) => [code, { zh, en }]),
)

/** A platform's codes of our couriers. */
export type CourierNames = Readonly<Partial<Record<CourierCode, string>>>
