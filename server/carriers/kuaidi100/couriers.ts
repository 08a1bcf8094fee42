import type { CourierNames } from '../../connectors/couriers.ts'

/** 快递100's codes (kuaidicom) of our couriers, all of which its label service takes; the table `courier_code` has those of tracking too. */
export const kuaidi100Codes: CourierNames = {
  SF: 'shunfeng',
  YTO: 'yuantong',
  ZTO: 'zhongtong',
  STO: 'shentong',
  YUNDA: 'yunda',
  JTSD: 'jtexpress',
  JD: 'jd',
  EMS: 'ems',
  POSTB: 'youzhengguonei',
  DBKD: 'debangkuaidi',
  UC: 'youshuwuliu',
  ZJS: 'zhaijisong',
  ZYKD: 'zhongyouex',
  KYE: 'kuayue',
  ZTOKY: 'zhongtongkuaiyun',
  SFKY: 'shunfengkuaiyun',
  ANE: 'annengwuliu',
  DBKY: 'debangwuliu',
  SXJD: 'sxjdfreight',
}
