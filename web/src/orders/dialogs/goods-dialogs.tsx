import { soon } from '../../ui/base/soon.tsx'

// Dialogs with a SKU field. Their code is loaded separately, so that the list does not wait for it.

export const substituteDialog = soon(() => import('./substitute-dialog-page.tsx'))
export const addGiftDialog = soon(() => import('./add-gift-dialog-page.tsx'))
export const removeGiftDialog = soon(() => import('./remove-gift-dialog-page.tsx'))
