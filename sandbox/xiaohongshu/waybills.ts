import { type Json, part, readJson, rows, textIn, texts } from '../json-parts.ts'
import { cancelLabel, figuresOf, takeLabels } from '../world/label-books.ts'
import { branchAddress, type Label, whyNotPackage } from '../world/labels.ts'
import { isShippable, type Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { badParam, wholeIn, wordIn, wrong, type XhsCall, type XhsError, type XhsMethod } from './call.ts'
import { afterSalesStatus, openAddressId } from './order-json.ts'

/** The code of a courier, cpType (1 直营, 2 加盟), the code under which the world keeps its books, and its name. */
const SUBSCRIBED: readonly (readonly [code: string, type: number, book: string, name: string])[] = [
  ['yuantong', 2, 'YTO', '圆通速递'],
  ['zto', 2, 'ZTO', '中通快递'],
  ['shentong', 2, 'STO', '申通快递'],
  ['yunda', 2, 'YUNDA', '韵达快递'],
  ['jtexpress', 2, 'JTSD', '极兔速递'],
  ['shunfeng', 1, 'SF', '顺丰速运'],
  ['youzhengguonei', 1, 'POSTB', '邮政快递包裹'],
]

const subscribed = (code: string) => SUBSCRIBED.filter(([known]) => code === '' || known === code)
const branchCode = (book: string) => `${book}571001`
const customerCode = (book: string) => `571${hash32(`month ${book}`) % 10_000_000}`
const brandCode = (book: string) => (book === 'SF' ? 'SF' : '')
const templateId = (code: string) => 10_000 + (hash32(code) % 10_000)
const templateUrl = (code: string) => `https://fe-video-qc.xhscdn.com/ebill/template/${code}.json`

/** Only the platform's own e-waybills are served; `billVersion` 1, which is also the default, were those of Cainiao. */
const whyNotVersion = ({ body }: XhsCall): XhsError | undefined =>
  wholeIn(body, 'billVersion') === 2 ? undefined : badParam('billVersion不正确')

/** express.queryEbillSubscribes: the branches of the shop, all or of one courier. */
export const subscribes: XhsMethod = (call) => {
  const { sandbox, shop, body } = call
  const { province, city, district, detail } = branchAddress(shop)
  return (
    whyNotVersion(call) ?? {
      data: {
        subscribeList: subscribed(wordIn(body, 'cpCode')).map(([cpCode, cpType, book, cpName]) => {
          const { balance, used, cancelled } = figuresOf(sandbox.world, shop, book)
          const usage = { quantity: cpType === 1 ? 0 : balance, allocatedQuantity: used }
          return {
            ...{ cpCode, cpName, cpType, brandCode: brandCode(book), subscribeType: 'SHOP' },
            ...{ branchCode: cpType === 1 ? '' : branchCode(book), branchName: `杭州余杭${cpName}网点` },
            customerCode: cpType === 1 ? customerCode(book) : '',
            senderAddressList: [{ address: { province, city, district, detail }, name: '', mobile: '' }],
            ...(body['needUsage'] === true
              ? { usage: { ...usage, cancelQuantity: cancelled, recycledQuantity: 0 } }
              : {}),
          }
        }),
        accountId: 1,
      },
    }
  )
}

/** express.queryEbillTemplates: the standard labels, or with `type` ark those that the merchant has designed over them. */
export const templates: XhsMethod = (call) => {
  const type = wordIn(call.body, 'type')
  if (type !== '' && type !== 'ark') return badParam('type不正确')
  return (
    whyNotVersion(call) ?? {
      data: {
        templateList: subscribed(wordIn(call.body, 'cpCode')).map(([cpCode, , book, cpName]) => ({
          ...{ id: templateId(`${type}${cpCode}`), cpCode, brandCode: brandCode(book) },
          ...{ templateType: '76*130', templateCustomerType: type === '' ? 0 : 20, templateDesc: '' },
          templateName: `${cpName} 一联单${type === '' ? '' : '（商品区）'}`,
          templatePreviewUrl: '',
          standardTemplateUrl: templateUrl(cpCode),
          customerTemplateUrl: type === '' ? '' : templateUrl(`own_${cpCode}`),
          customerPrintItems: type === '' ? [] : ['order', 'buyerMemo', 'sellerMemo', 'skuName'],
        })),
      },
    }
  )
}

const MOST_ORDERS = 10

/** express.createEbillOrders: each order of the list is answered for itself. A repeated objectId of another call is another request. */
export const createOrders: XhsMethod = (call) => {
  const list = rows(call.body, 'tradeOrderInfoList')
  if (list.length === 0 || list.length > MOST_ORDERS) return badParam('tradeOrderInfoList不正确')
  const ids = list.map((one) => wordIn(one, 'objectId'))
  if (ids.some((id) => id === '' || id.length > 40) || new Set(ids).size < ids.length)
    return badParam('objectId为空、过长或重复')
  const problem = whyNotVersion(call) ?? whyNotBranch(call)
  if (problem !== undefined) return problem
  return { data: { wayBillList: list.map((one) => numberFor(call, one)), subErrorCode: '' } }
}

function numberFor(call: XhsCall, asked: Json): Json {
  const { sandbox, shop, body } = call
  const [objectId, cpCode] = [wordIn(asked, 'objectId'), wordIn(body, 'cpCode')]
  const book = subscribed(cpCode)[0]?.[2] ?? ''
  const refused = (problem: XhsError) => ({
    ...{ objectId, cpCode, success: false, errorCode: String(problem.code), errorMsg: problem.error },
  })
  const problem = whyNotOrder(call, asked, book)
  if (problem !== undefined) return refused(problem)
  const [label] = takeLabels(sandbox.world, shop, book, [wanted(asked)]) ?? []
  if (label === undefined) return refused(wrong(-2_100_003, '网点电子面单余额不足'))
  return { objectId, cpCode, success: true, errorCode: '', errorMsg: '', ...labelJson(label) }
}

const wanted = (asked: Json) => ({
  objectId: wordIn(asked, 'objectId'),
  packageId: wordIn(part(asked, 'packageInfo'), 'id'),
  tids: texts(part(asked, 'orderInfo'), 'xhsOrderList'),
  weight: textIn(part(asked, 'packageInfo'), 'weight'),
  packages: '1',
  services: '',
  printData: (sealed: string, signature: string) =>
    JSON.stringify({ encryptedData: sealed, signature: `xhs${signature}`, templateURL: '', ver: '2' }),
})

const labelJson = ({ waybill, printData }: Label): Json => ({
  ...{ waybillCode: waybill, parentWaybillCode: '', extraInfo: '', customerPrintData: '' },
  printData: JSON.stringify(readJson(printData) ?? {}),
})

/** A franchise is named by the code of its branch; a direct courier by the account of the shop, the way of payment, and 顺丰 by its brand too. */
function whyNotBranch({ shop, body }: XhsCall): XhsError | undefined {
  const found = subscribed(wordIn(body, 'cpCode'))[0]
  if (wordIn(body, 'cpCode') === '' || found === undefined) return badParam('未订购该快递公司的电子面单')
  const [, type, book] = found
  if (wordIn(body, 'sellerName') === '') return badParam('sellerName不能为空')
  if (type === 2 && wordIn(body, 'branchCode') !== branchCode(book)) return badParam('branchCode不正确')
  if (type === 1 && wordIn(body, 'customerCode') !== customerCode(book)) return badParam('customerCode不正确')
  if (type === 1 && wholeIn(body, 'payMethod') === undefined) return badParam('payMethod不能为空')
  if (book === 'SF' && wordIn(body, 'brandCode') !== brandCode(book)) return badParam('brandCode不能为空')
  return whyNotSender(shop, part(body, 'sender'))
}

function whyNotSender(shop: Shop, sender: Json): XhsError | undefined {
  if (wordIn(sender, 'name') === '' || (wordIn(sender, 'mobile') || wordIn(sender, 'phone')) === '')
    return badParam('寄件人姓名或电话不能为空')
  const { province, city, district, detail } = branchAddress(shop)
  const address = part(sender, 'address')
  const isOwn = Object.entries({ province, city, district, detail }).every(
    ([key, value]) => wordIn(address, key) === value,
  )
  return isOwn ? undefined : badParam('寄件人地址与订购关系的地址不一致')
}

function whyNotOrder({ shop, body }: XhsCall, asked: Json, book: string): XhsError | undefined {
  const info = part(asked, 'orderInfo')
  if (wordIn(info, 'orderChannelsType') !== 'XIAO_HONG_SHU') return wrong(-2_100_004, '订单渠道不正确')
  const trades = texts(info, 'xhsOrderList').flatMap((tid) => shop.trades.get(tid) ?? [])
  const trade = shop.trades.get(wordIn(info, 'xhsOrderId'))
  if (trade === undefined || trades.length !== texts(info, 'xhsOrderList').length)
    return wrong(-2_100_005, '订单不存在')
  if (!isShippable(trade) || afterSalesStatus(trade.refunds) === 2)
    return wrong(-2_100_006, '订单状态不允许取号')
  const person = part(asked, 'recipient')
  const token = wordIn(person, 'openAddressId')
  if (token === '' ? wordIn(person, 'name') === '' : token !== openAddressId(trade))
    return wrong(-2_100_007, '收件人信息与订单不一致')
  if (wholeIn(asked, 'templateId') !== templateId(wordIn(body, 'cpCode')))
    return wrong(-2_100_008, '模板不存在')
  const items = rows(part(asked, 'packageInfo'), 'items')
  const isNamed = (item: Json) => wordIn(item, 'name') !== '' && (wholeIn(item, 'count') ?? 0) > 0
  if (items.length === 0 || !items.every(isNamed)) return wrong(-2_100_009, '商品信息不能为空')
  const weight = textIn(part(asked, 'packageInfo'), 'weight')
  const problem = whyNotPackage({ weight, services: wordIn(asked, 'logisticsServices') }, [trade], book)
  return problem === undefined ? undefined : wrong(-2_100_010, problem)
}

/** express.cancelEbillOrder: a cancelled number stays cancelled; the balance gets it back once, and the second time is refused. */
export const cancelOrder: XhsMethod = (call) => {
  const problem = whyNotVersion(call)
  if (problem !== undefined) return problem
  const { sandbox, shop, body } = call
  const book = subscribed(wordIn(body, 'cpCode'))[0]?.[2]
  if (book === undefined || wordIn(body, 'cpCode') === '') return badParam('cpCode不正确')
  const waybill = wordIn(body, 'waybillCode')
  const wasCancelled = sandbox.world.labels.byWaybill.get(waybill)?.cancelled === true
  const result = cancelLabel(sandbox.world, shop, { courier: book, waybill })
  if (result === 'unknown') return wrong(-2_100_011, '面单不存在')
  if (result === 'under_way') return wrong(-2_100_012, '包裹已揽收，不能取消')
  return wasCancelled ? wrong(-2_100_013, '面单已取消') : { data: { subErrorCode: '' } }
}
