import type { Receiver } from '../connector.ts'
import { entryOf, type Fields, fieldsAt, longest, textAt } from '../fields.ts'

/** The states of China by the numbers that WooCommerce gives them. */
const provinces: Readonly<Record<string, string>> = {
  CN1: '云南省',
  CN2: '北京市',
  CN3: '天津市',
  CN4: '河北省',
  CN5: '山西省',
  CN6: '内蒙古自治区',
  CN7: '辽宁省',
  CN8: '吉林省',
  CN9: '黑龙江省',
  CN10: '上海市',
  CN11: '江苏省',
  CN12: '浙江省',
  CN13: '安徽省',
  CN14: '福建省',
  CN15: '江西省',
  CN16: '山东省',
  CN17: '河南省',
  CN18: '湖北省',
  CN19: '湖南省',
  CN20: '广东省',
  CN21: '广西壮族自治区',
  CN22: '海南省',
  CN23: '重庆市',
  CN24: '四川省',
  CN25: '贵州省',
  CN26: '陕西省',
  CN27: '甘肃省',
  CN28: '青海省',
  CN29: '宁夏回族自治区',
  CN30: '澳门特别行政区',
  CN31: '西藏自治区',
  CN32: '新疆维吾尔自治区',
}

const countries: Readonly<Record<string, string>> = {
  HK: '香港特别行政区',
  MO: '澳门特别行政区',
  TW: '台湾省',
}

/** Ship to the address of delivery; an order without one goes to the buyer's own. Nothing is masked. */
export function receiverOf(order: Fields): Receiver {
  const [shipping, billing] = [fieldsAt(order, 'shipping'), fieldsAt(order, 'billing')]
  const isOwn = ['address_1', 'city', 'first_name', 'last_name'].every(
    (key) => textAt(shipping, key, 1) === '',
  )
  const place = isOwn ? billing : shipping
  const text = (key: string, max: number = longest.name) => textAt(place, key, max).trim()
  const number = (textAt(place, 'phone', longest.word) || textAt(billing, 'phone', longest.word)).trim()
  const isMobile = /^(\+?86)?[\s-]*1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}$/.test(number)
  return {
    name: nameOf(text('last_name'), text('first_name')),
    mobile: isMobile ? number.replace(/\D/g, '').slice(-11) : '',
    phone: isMobile ? '' : number,
    province: provinceOf(text('country', longest.word), text('state')),
    city: text('city'),
    // There is no field for the district: it begins the address, where buyers write it at all.
    district: '',
    town: '',
    address: [text('address_1', longest.address), text('address_2', longest.address)]
      .filter(Boolean)
      .join(' '),
    zip: text('postcode', longest.word),
    token: '',
  }
}

/** Chinese names are written without a space, the family name first. */
function nameOf(family: string, given: string): string {
  const isChinese = /\p{Script=Han}/u.test(family + given)
  return isChinese ? `${family}${given}` : [given, family].filter(Boolean).join(' ')
}

/** Plugins give states their own names, which are kept. Another country comes first, so that it is not overlooked. */
function provinceOf(country: string, state: string): string {
  if (country === 'CN' || country === '') return entryOf(provinces, state) ?? state
  return entryOf(countries, country) ?? [country, state].filter(Boolean).join(' ')
}
