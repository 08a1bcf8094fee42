import type { CourierNames } from '../couriers.ts'

/** Company codes of TOP; the authority is taobao.logistics.companies.get, which differs a little between applications. */
export const companyCodes: CourierNames = {
  SF: 'SF',
  YTO: 'YTO',
  ZTO: 'ZTO',
  STO: 'STO',
  YUNDA: 'YUNDA',
  JTSD: 'JTSD',
  JD: 'JD',
  EMS: 'EMS',
  POSTB: 'POSTB',
  DBKD: 'DBKD',
  HTKY: 'HTKY',
  TTKDEX: 'TTKDEX',
  UC: 'UC',
  ZJS: 'ZJS',
}
