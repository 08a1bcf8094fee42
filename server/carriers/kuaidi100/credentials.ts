import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../../connectors/credential-fields.ts'

/** A field that only some couriers want. It is a setting of the account, so the secrets stay when it is changed. */
const wantedBySome = (zh: string, en: string) =>
  Type.Optional(Type.String({ title: zh, description: en, maxLength: 64, setting: true }))

const payTypes = ['MONTHLY', 'SHIPPER', 'CONSIGNEE', 'THIRDPARTY'] as const

/**
 * What an account at 快递100 needs: the key and secret of the enterprise there, and the account at the courier's branch. Which of the latter
 * a courier wants is in api.kuaidi100.com/document/5f0ff6e82977d50a94e10237.
 */
export const credentials = Type.Object({
  key: secretField('快递100 授权 key', '快递100 key'),
  secret: secretField('快递100 secret', '快递100 secret'),
  partnerId: Type.String({
    title: '电子面单账号（客户编码、月结号）',
    description: 'Account at the courier',
    minLength: 1,
    maxLength: 64,
  }),
  partnerKey: Type.Optional(secretField('电子面单密码', 'Password at the courier')),
  partnerSecret: Type.Optional(secretField('电子面单密钥（校验码）', 'Secret at the courier')),
  partnerName: wantedBySome('客户名称', 'Name of the customer'),
  net: wantedBySome('网点名称或编码', 'Branch'),
  code: wantedBySome('承载编号', 'Label code'),
  checkMan: wantedBySome('快递员', 'Collector'),
  customer: wantedBySome('快递100 customer（查轨迹用）', '快递100 customer, for tracking'),
  payType: Type.Union(
    payTypes.map((type) => Type.Literal(type)),
    { title: '付款方式', description: 'Paid by', default: 'MONTHLY' },
  ),
  expType: Type.String({
    title: '产品类型',
    description: 'Product',
    default: '标准快递',
    maxLength: 40,
    setting: true,
  }),
  labelUrl: addressField('https://api.kuaidi100.com/label/order', '下单地址', 'Address for labels'),
  pollUrl: addressField('https://poll.kuaidi100.com', '查轨迹地址', 'Address for tracking'),
})

/** The account at the courier as every request names it; empty fields are left out. */
export function partnerOf(stored: Readonly<Record<string, string>>): Record<string, string> {
  const { partnerId, partnerKey, partnerSecret, partnerName, net, code, checkMan } = stored
  const all = { partnerId, partnerKey, partnerSecret, partnerName, net, code, checkMan }
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

export function appOf(stored: Readonly<Record<string, string>>) {
  const { properties } = credentials
  return {
    key: stored.key ?? '',
    secret: stored.secret ?? '',
    payType: valueOr(stored.payType, properties.payType),
    expType: valueOr(stored.expType, properties.expType),
    labelUrl: valueOr(stored.labelUrl, properties.labelUrl),
  }
}
