import type { Receiver } from '../connector.ts'
import { entryOf, type Fields, fieldsAt, longest, textAt } from '../fields.ts'

/** The provinces of China as Shopify codes them; Tibet has an older code too. */
const provinces: Readonly<Record<string, string>> = {
  AH: '安徽省',
  BJ: '北京市',
  CQ: '重庆市',
  FJ: '福建省',
  GS: '甘肃省',
  GD: '广东省',
  GX: '广西壮族自治区',
  GZ: '贵州省',
  HI: '海南省',
  HE: '河北省',
  HL: '黑龙江省',
  HA: '河南省',
  HB: '湖北省',
  HN: '湖南省',
  NM: '内蒙古自治区',
  JS: '江苏省',
  JX: '江西省',
  JL: '吉林省',
  LN: '辽宁省',
  NX: '宁夏回族自治区',
  QH: '青海省',
  SN: '陕西省',
  SD: '山东省',
  SH: '上海市',
  SX: '山西省',
  SC: '四川省',
  TJ: '天津市',
  XJ: '新疆维吾尔自治区',
  XZ: '西藏自治区',
  YZ: '西藏自治区',
  YN: '云南省',
  ZJ: '浙江省',
}

const countries: Readonly<Record<string, string>> = {
  HK: '香港特别行政区',
  MO: '澳门特别行政区',
  TW: '台湾省',
}

/** Ship to the address of delivery; an order without one goes to the buyer's own. Nothing is masked, but an app without permission sees no address at all. */
export function receiverOf(order: Fields): Receiver {
  const [shipping, billing] = [fieldsAt(order, 'shippingAddress'), fieldsAt(order, 'billingAddress')]
  const isOwn = ['address1', 'city', 'firstName', 'lastName'].every((key) => textAt(shipping, key, 1) === '')
  const place = isOwn ? billing : shipping
  const text = (key: string, max: number = longest.name) => textAt(place, key, max).trim()
  const number = (textAt(place, 'phone', longest.word) || textAt(billing, 'phone', longest.word)).trim()
  const isMobile = /^(\+?86)?[\s-]*1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}$/.test(number)
  return {
    name: nameOf(text('lastName'), text('firstName')) || text('company'),
    mobile: isMobile ? number.replace(/\D/g, '').slice(-11) : '',
    phone: isMobile ? '' : number,
    province: provinceOf(place),
    city: text('city'),
    // There is no field for the district: it begins the address, where buyers write it at all.
    district: '',
    town: '',
    address: [text('address1', longest.address), text('address2', longest.address)].filter(Boolean).join(' '),
    zip: text('zip', longest.word),
    token: '',
  }
}

/** Chinese names are written without a space, the family name first. */
function nameOf(family: string, given: string): string {
  const isChinese = /\p{Script=Han}/u.test(family + given)
  return isChinese ? `${family}${given}` : [given, family].filter(Boolean).join(' ')
}

/** Another country comes first, so that it is not overlooked. */
function provinceOf(place: Fields): string {
  const text = (key: string) => textAt(place, key, longest.name).trim()
  const [country, name] = [text('countryCodeV2'), text('province')]
  if (country === 'CN' || country === '') return entryOf(provinces, text('provinceCode')) ?? name
  return entryOf(countries, country) ?? [text('country') || country, name].filter(Boolean).join(' ')
}
