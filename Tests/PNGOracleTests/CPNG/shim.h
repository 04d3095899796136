#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// What the library reports with longjmp, which Swift cannot catch. Each function returns 0 when the library reported an error.

/// A file in memory that is read or written.
typedef struct {
  unsigned char *bytes;
  size_t count;
  size_t position;
} PNGOracleFile;

/// The pixels of a file, as the library gives them.
typedef struct {
  unsigned width, height;
  int depth, color;
  size_t rowByteCount;
  unsigned char *bytes;
} PNGOracleImage;

/// How a file is written.
typedef struct {
  unsigned width, height;
  int depth, color, interlace, filters, hasTransparency;
  size_t rowByteCount;
} PNGOracleKind;

static inline void pngOracleTake(png_structp png, png_bytep target, size_t count) {
  PNGOracleFile *file = (PNGOracleFile *)png_get_io_ptr(png);
  if (count > file->count - file->position) png_error(png, "the file ends too early");
  memcpy(target, file->bytes + file->position, count);
  file->position += count;
}

static inline void pngOraclePut(png_structp png, png_bytep source, size_t count) {
  PNGOracleFile *file = (PNGOracleFile *)png_get_io_ptr(png);
  if (count > file->count - file->position) png_error(png, "the file does not fit");
  memcpy(file->bytes + file->position, source, count);
  file->position += count;
}

static inline void pngOracleFlush(png_structp png) { (void)png; }
static inline void pngOracleWarn(png_structp png, png_const_charp text) { (void)png, (void)text; }
static inline void pngOracleFail(png_structp png, png_const_charp text) { (void)text, png_longjmp(png, 1); }

/// Decodes a file. Palettes and transparent colours are expanded; other samples of less than 8 bits become bytes and are not scaled.
static inline int pngOracleDecode(PNGOracleFile *file, PNGOracleImage *image) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, pngOracleFail, pngOracleWarn);
  png_infop info = png_create_info_struct(png);
  unsigned char **volatile rows = NULL;
  image->bytes = NULL;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(image->bytes), free(rows);
    return 0;
  }
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_read_fn(png, file, pngOracleTake);
  png_read_info(png, info);
  int isExpanded = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE || png_get_valid(png, info, PNG_INFO_tRNS);
  if (isExpanded) png_set_expand(png);
  else png_set_packing(png);
  png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  image->width = png_get_image_width(png, info), image->height = png_get_image_height(png, info);
  image->depth = png_get_bit_depth(png, info), image->color = png_get_color_type(png, info);
  image->rowByteCount = png_get_rowbytes(png, info);
  image->bytes = (unsigned char *)calloc(image->height, image->rowByteCount);
  rows = (unsigned char **)malloc(image->height * sizeof *rows);
  for (unsigned row = 0; row < image->height; row++) rows[row] = image->bytes + row * image->rowByteCount;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  return 1;
}

/// Encodes rows of packed, big-endian samples. The palette, if there is one, and the transparent colour follow from the depth.
static inline int pngOracleEncode(PNGOracleFile *file, PNGOracleKind kind, const unsigned char *bytes) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, pngOracleFail, pngOracleWarn);
  png_infop info = png_create_info_struct(png);
  unsigned char **volatile rows = NULL;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(rows);
    return 0;
  }
  png_set_write_fn(png, file, pngOraclePut, pngOracleFlush);
  png_set_IHDR(png, info, kind.width, kind.height, kind.depth, kind.color, kind.interlace, 0, 0);
  png_color palette[256];
  unsigned char opacities[256];
  for (int index = 0; index < 256; index++) {
    palette[index].red = index * 7, palette[index].green = index * 11, palette[index].blue = 255 - index;
    opacities[index] = index * 3;
  }
  int isPalette = kind.color == PNG_COLOR_TYPE_PALETTE;
  if (isPalette) png_set_PLTE(png, info, palette, 1 << kind.depth);
  png_color_16 key = {.red = 1, .green = 1, .blue = 1, .gray = 1};
  if (kind.hasTransparency) png_set_tRNS(png, info, isPalette ? opacities : NULL, isPalette ? 1 << kind.depth : 1, &key);
  png_set_filter(png, 0, kind.filters);
  png_write_info(png, info);
  rows = (unsigned char **)malloc(kind.height * sizeof *rows);
  for (unsigned row = 0; row < kind.height; row++) rows[row] = (unsigned char *)bytes + row * kind.rowByteCount;
  png_write_image(png, rows);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  free(rows);
  return 1;
}
