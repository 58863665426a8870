package io.postern.log;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * A hash tree over the records of a batch: SHA-256, leaf {@code H(0x00 || content)}, node {@code
 * H(0x01 || left || right)}, the last node of an odd level moves up unchanged. The prefixes keep a
 * leaf from being taken for a node.
 */
final class MerkleTree {
  static final int HASH_BYTES = 32;

  private static final ThreadLocal<MessageDigest> SHA256 =
      ThreadLocal.withInitial(MerkleTree::sha256);

  private final List<byte[][]> levels = new ArrayList<>();

  MerkleTree(List<byte[]> contents) {
    this(contents, () -> {});
  }

  /**
   * A tree over what the records say.
   *
   * @param between called after each leaf
   */
  MerkleTree(List<byte[]> contents, Runnable between) {
    byte[][] level = new byte[contents.size()][];
    for (int i = 0; i < level.length; i++) {
      level[i] = leaf(contents.get(i));
      between.run();
    }
    levels.add(level);
    while (level.length > 1) {
      byte[][] above = new byte[(level.length + 1) / 2][];
      for (int i = 0; i < above.length; i++) {
        above[i] = 2 * i + 1 < level.length ? node(level[2 * i], level[2 * i + 1]) : level[2 * i];
      }
      levels.add(above);
      level = above;
    }
  }

  byte[] root() {
    return levels.get(levels.size() - 1)[0];
  }

  /** The siblings on a leaf's way to the root, from the bottom, one after the other. */
  byte[] path(int leaf) {
    byte[] path = new byte[(levels.size() - 1) * HASH_BYTES];
    int used = 0;
    int i = leaf;
    for (int l = 0; l + 1 < levels.size(); l++) {
      int sibling = i ^ 1;
      if (sibling < levels.get(l).length) {
        System.arraycopy(levels.get(l)[sibling], 0, path, used, HASH_BYTES);
        used += HASH_BYTES;
      }
      i >>= 1;
    }
    return java.util.Arrays.copyOf(path, used);
  }

  /**
   * The root that a leaf and its path lead to.
   *
   * @throws IllegalArgumentException when the path is not of the length that index and count demand
   */
  static byte[] root(byte[] content, int index, int count, byte[] path) {
    if (count < 1 || index < 0 || index >= count) {
      throw new IllegalArgumentException("no leaf " + index + " among " + count);
    }
    byte[] hash = leaf(content);
    int used = 0;
    int i = index;
    for (int size = count; size > 1; size = (size + 1) / 2) {
      if ((i ^ 1) < size) {
        if (used + HASH_BYTES > path.length) {
          throw new IllegalArgumentException("the path is too short");
        }
        hash = (i & 1) == 0 ? node(hash, 0, path, used) : node(path, used, hash, 0);
        used += HASH_BYTES;
      }
      i >>= 1;
    }
    if (used != path.length) {
      throw new IllegalArgumentException("the path is too long");
    }
    return hash;
  }

  private static byte[] leaf(byte[] content) {
    MessageDigest digest = SHA256.get();
    digest.update((byte) 0);
    return digest.digest(content);
  }

  private static byte[] node(byte[] left, byte[] right) {
    return node(left, 0, right, 0);
  }

  private static byte[] node(byte[] left, int leftAt, byte[] right, int rightAt) {
    MessageDigest digest = SHA256.get();
    digest.update((byte) 1);
    digest.update(left, leftAt, HASH_BYTES);
    digest.update(right, rightAt, HASH_BYTES);
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
