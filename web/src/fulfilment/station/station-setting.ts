import { browserSetting } from '../../ui/base/store.ts'

/** The name of the station on this computer; empty: it has none yet. */
export const stationSetting = browserSetting('station', '')
