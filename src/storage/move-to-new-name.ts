import { link, open, rename, rm } from 'node:fs/promises';
import { errorCode, isUnsupported } from './file-system-errors.ts';

/**
 * Moves a file to a name that does not exist yet, also if other processes try the same; false if the name exists. A hard
 * link does that in one step. Where there are none (FAT, SMB), the name is created exclusively and then replaced.
 */
export async function moveToNewName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    await rm(from, { force: true });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (!isUnsupported(error)) throw error;
  }
  if (!(await createEmpty(to))) return false;
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

/** False if the file exists. */
async function createEmpty(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
