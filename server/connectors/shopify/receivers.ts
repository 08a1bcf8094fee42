import type { Receiver } from '../connector.ts'
import { type Fields, fieldsAt } from '../fields.ts'
import { plainReceivers } from '../plain-receivers.ts'

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

const read = plainReceivers(
  {
    ...{ familyName: 'lastName', givenName: 'firstName', company: 'company', phone: 'phone' },
    ...{ address: ['address1', 'address2'], city: 'city', zip: 'zip' },
    ...{ state: 'province', stateCode: 'provinceCode', country: 'country', countryCode: 'countryCodeV2' },
  },
  provinces,
)

/** An app without permission sees no address at all. */
export const receiverOf = (order: Fields): Receiver =>
  read(fieldsAt(order, 'shippingAddress'), fieldsAt(order, 'billingAddress'))
