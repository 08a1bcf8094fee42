import type { PlatformError } from '../../lib/platform-error.ts'
import type { ChangeFailure } from '../parcels.ts'
import { shipFailureOf } from './errors.ts'

// What the documents that could be read do not say. Each value is a careful guess until a real shop has answered.

/**
 * The error codes of taobao.logistics.consign.resend are not documented. Those of the other shipping methods end in the same letters and
 * digits; the trade, which is requested after each rejection, decides the rest.
 */
export const changeFailureOf = (error: PlatformError): ChangeFailure | undefined => shipFailureOf(error)

/** The domain of the databases (RDS) into which the platform writes. No document of 数据推送 names it; it is that of the cloud's RDS. */
export const databaseHosts: readonly string[] = ['rds.aliyuncs.com']

/**
 * The DDL of jdp_tb_refund was not seen: its columns are those that several readers of it name. Without `jdp_hashcode` a row would only be asked
 * for again.
 */
export const refundColumns: readonly string[] = ['tid', 'seller_nick', 'modified', 'jdp_hashcode']
