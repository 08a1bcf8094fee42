/** Couriers of common.getExpressCompanyList: code, name, and the form of their waybills. */
export const COMPANIES: readonly (readonly [code: string, name: string, pattern: string])[] = [
  ['shunfeng', '顺丰速运', '^SF\\d{12,13}$|^\\d{12}$'],
  ['yuantong', '圆通速递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  ['zto', '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  ['shentong', '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  ['yunda', '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  ['jtexpress', '极兔速递', '^JT\\d{13}$'],
  ['jd', '京东快递', '^JD[A-Z0-9]{11,20}$'],
  ['ems', 'EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  ['youzhengguonei', '邮政快递包裹', '^9[89]\\d{11}$'],
  ['debangwuliu', '德邦快递', '^DPK\\d{12}$|^\\d{8,10}$'],
  ['youzhengbiaokuai', '邮政电商标快', '^[A-Z]{0,2}\\d{11,15}$'],
  ['danniao', '丹鸟', '^[A-Z]{0,2}\\d{11,15}$'],
]

/** Returns the courier of a code or of a name; the world uses the name when it ships by itself. */
export const companyOf = (word: string): { code: string; name: string } => {
  const known = COMPANIES.find(([code, name]) => code === word || name.slice(0, 2) === word.slice(0, 2))
  return known ? { code: known[0], name: known[1] } : { code: '', name: '' }
}
