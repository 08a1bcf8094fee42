/**
 * The couriers of order/logisticsCompanyList: code, name, number, and the form of their waybills. The documents show only some of the codes; the
 * others are those that other clients of the platform use.
 */
export const COMPANIES: readonly (readonly [code: string, name: string, id: number, pattern: string])[] = [
  ['shunfeng', '顺丰速运', 12, '^SF\\d{12,13}$|^\\d{12}$'],
  ['yuantong', '圆通快递', 9, '^YT\\d{13,15}$|^\\d{10,18}$'],
  ['zhongtong', '中通快递', 15, '^7\\d{12,14}$|^\\d{12,15}$'],
  ['shentong', '申通快递', 8, '^77\\d{11,13}$|^\\d{12,15}$'],
  ['yunda', '韵达快递', 14, '^4\\d{12,14}$|^\\d{13,15}$'],
  ['jtexpress', '极兔速递', 141, '^JT\\d{13}$'],
  ['jd', '京东快递', 54, '^JD[A-Z0-9]{11,20}$'],
  ['ems', 'EMS', 17, '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  ['youzhengguonei', '邮政快递包裹', 19, '^9[89]\\d{11}$'],
  ['debangwuliu', '德邦快递', 21, '^DPK\\d{12}$|^\\d{8,10}$'],
  ['huitongkuaidi', '百世快递', 10, '^[A-Z]{0,2}\\d{11,15}$'],
  ['youshuwuliu', '优速快递', 11, '^[A-Z]{0,2}\\d{11,15}$'],
  ['zhaijisong', '宅急送', 13, '^[A-Z]{0,2}\\d{11,15}$'],
  ['yzdsbk', '邮政电商标快', 20, '^[A-Z]{0,2}\\d{11,15}$'],
  ['danniao', '丹鸟', 22, '^[A-Z]{0,2}\\d{11,15}$'],
  ['fengwang', '丰网速运', 23, '^[A-Z]{0,2}\\d{11,15}$'],
  ['zhongyouex', '众邮快递', 24, '^[A-Z]{0,2}\\d{11,15}$'],
  ['kuayue', '跨越速运', 25, '^[A-Z]{0,2}\\d{11,15}$'],
  ['zhongtongkuaiyun', '中通快运', 26, '^[A-Z]{0,2}\\d{11,15}$'],
  ['yundakuaiyun', '韵达快运', 27, '^[A-Z]{0,2}\\d{11,15}$'],
  ['shunfengkuaiyun', '顺丰快运', 28, '^[A-Z]{0,2}\\d{11,15}$'],
  ['annengwuliu', '安能物流', 29, '^[A-Z]{0,2}\\d{11,15}$'],
  ['debangkuaiyun', '德邦快运', 30, '^[A-Z]{0,2}\\d{11,15}$'],
  ['sxjdfreight', '顺心捷达', 31, '^[A-Z]{0,2}\\d{11,15}$'],
]

/** Returns code and name of a courier by its code, or by its name, which the world uses when it ships by itself; an unknown one has no code. */
export function companyOf(word: string): readonly [code: string, name: string] {
  const known = COMPANIES.find(([code, name]) => code === word || name.slice(0, 2) === word.slice(0, 2))
  return known ? [known[0], known[1]] : ['', word]
}
