/* eslint-disable -- a CommonJS module that replaces functions of Node, which have no types here */
/*
 * Makes a process run as on a file system that lacks operations: `node --require` this file, also by NODE_OPTIONS, which
 * reaches the threads too. REFUSED has operation=code pairs with commas between them, REFUSED_BELOW the directory.
 */
const fs = require('node:fs');
const { Server } = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const below = process.env.REFUSED_BELOW ?? '/';
const refused = new Map((process.env.REFUSED ?? '').split(',').map((pair) => pair.split('=')));

function failing(operation, path) {
  const code = refused.get(operation);
  if (code === undefined || (typeof path === 'string' && !path.startsWith(below))) return undefined;
  return Object.assign(new Error(`${code}: ${operation} refused, '${String(path)}'`), {
    code,
    syscall: operation,
    path,
  });
}

function refuse(object, name, operation) {
  const original = object[name];
  object[name] = function (...given) {
    // Of two paths the second: the link.
    const error = failing(operation, typeof given[1] === 'string' ? given[1] : given[0]);
    if (!error) return original.apply(this, given);
    if (object === fs.promises) return Promise.reject(error);
    throw error;
  };
}

refuse(fs.promises, 'link', 'link');
refuse(fs, 'linkSync', 'link');
refuse(fs, 'chmodSync', 'chmod');
refuse(fs, 'accessSync', 'access');
refuse(fs, 'renameSync', 'rename');
refuse(fs.promises, 'utimes', 'utimes');

/** Once: the first recording that is named meets a full disk. */
const rename = fs.promises.rename;
fs.promises.rename = (from, to) => {
  const error = /recording_[^/]*\.wav$/u.test(String(to)) ? failing('rename-once', String(to)) : undefined;
  if (!error) return rename(from, to);
  refused.delete('rename-once');
  return Promise.reject(error);
};

const fsyncSync = fs.fsyncSync;
fs.fsyncSync = (file) => {
  const error = fs.fstatSync(file).isDirectory() ? failing('directory-sync') : undefined;
  if (error) throw error;
  return fsyncSync(file);
};

const open = fs.promises.open;
fs.promises.open = async (path, flags, mode) => {
  const handle = await open(path, flags, mode);
  const error = (await handle.stat()).isDirectory() ? failing('directory-sync', String(path)) : undefined;
  if (error) handle.sync = () => Promise.reject(error);
  return handle;
};

const listen = Server.prototype.listen;
Server.prototype.listen = function (...given) {
  const error = typeof given[0] === 'string' ? failing('listen', given[0]) : undefined;
  if (!error) return listen.apply(this, given);
  process.nextTick(() => this.emit('error', error));
  return this;
};

if (refused.has('network')) {
  const statfsSync = fs.statfsSync;
  fs.statfsSync = (path, options) =>
    Object.assign(statfsSync(path, options), { type: Number(refused.get('network')) });
}

if (refused.has('wal') || refused.has('locks')) {
  const Database = require('libsql');
  const exec = Database.prototype.exec;
  Database.prototype.exec = function (sql) {
    const isLock = /^begin immediate|^pragma journal_mode/u.test(sql);
    const code = (isLock && refused.get('locks')) || (/= wal/u.test(sql) && refused.get('wal'));
    // What SQLite says if it has no words of its own.
    if (code) throw new Database.SqliteError('not an error', code);
    return exec.call(this, sql);
  };
}

syncBuiltinESMExports();
